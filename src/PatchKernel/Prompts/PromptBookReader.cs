using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Prompts;

/// <summary>Reads <c>prompts.json</c>; every error gives line and column.</summary>
internal static class PromptBookReader
{
    /// <summary>The pairs of a file.</summary>
    /// <exception cref="PatchKernelException">The file can't be read, is no JSON, or has a field that doesn't belong there.</exception>
    public static IReadOnlyList<PairDefinition> Read(string path) => [.. ReadEach(path).Select(entry => entry.Pair ?? throw entry.Fault!)];

    /// <summary>The pairs of a file, one by one.</summary>
    /// <returns>Each pair, or what is wrong with it, with line and column.</returns>
    /// <exception cref="PatchKernelException">The file can't be read, is no JSON, or has something else than pairs.</exception>
    public static IReadOnlyList<(PairDefinition? Pair, PatchKernelException? Fault)> ReadEach(string path)
    {
        var text = JsonFile.Bytes(path);
        return JsonFile.Parse(text, $"'{path}'", json =>
        {
            var book = new JsonPart("prompts file", path, json, text);
            AllowOnly(book, "the file", "pairs", "$schema");
            HashSet<string> names = [];
            return book.Require("pairs").Items().Select(Entry).ToList();

            (PairDefinition?, PatchKernelException?) Entry(JsonPart pair)
            {
                try
                {
                    return (Pair(pair, names), null);
                }
                catch (PatchKernelException fault)
                {
                    return (null, fault);
                }
            }
        });
    }

    private static PairDefinition Pair(JsonPart json, HashSet<string> names)
    {
        AllowOnly(json, "a pair", "name", "clean", "corrupt", "note", "models", "template", "options");
        var template = TextOf(json.Find("template"));
        var pair = new PairDefinition
        {
            Name = Text(json.Require("name")),
            Note = TextOf(json.Find("note")),
            Models = [.. json.Find("models")?.Items().Select(Model) ?? []],
            Template = template ?? PairDefinition.SubjectPlace,
            Options = [.. json.Find("options")?.Items().Select(Text) ?? []],
            Clean = Side(json.Require("clean"), template is not null),
            Corrupt = Side(json.Require("corrupt"), template is not null),
        };
        if (pair.Fault() is { } fault) throw json.Error($"the pair '{pair.Name}' {fault}");
        if (!names.Add(pair.Name)) throw json.Error($"there is a second pair named '{pair.Name}'");
        return pair with { Asked = (pair.CleanText, pair.CorruptText) };
    }

    private static PairModel Model(JsonPart json)
    {
        AllowOnly(json, "a model", "name", "clean", "corrupt", "note");
        return new(Text(json.Require("name")), TextOf(json.RequireOrNull("clean")), TextOf(json.RequireOrNull("corrupt"))) { Note = TextOf(json.Find("note")) };
    }

    private static PairSide Side(JsonPart json, bool hasTemplate)
    {
        if (json.Element.ValueKind == JsonValueKind.String) return new(Text(json));
        if (json.Element.ValueKind != JsonValueKind.Object) throw json.Wrong("a text or an object");
        AllowOnly(json, $"'{json.Key}'", "subject", "text", "target");
        var (subject, text) = (TextOf(json.Find("subject")), TextOf(json.Find("text")));
        if (hasTemplate && (subject is null || text is not null))
            throw json.Error($"'{json.Key}' needs a 'subject', which stands in the template, and no 'text'");
        if (!hasTemplate && (text is null || subject is not null))
            throw json.Error($"'{json.Key}' needs a 'text', the whole prompt, and no 'subject': the pair has no template that it would stand in");
        return json.Find("target") is { } target && Targets(target) is [var first, .. var further] ? new((subject ?? text)!, first) { FurtherTargets = further } : new((subject ?? text)!);
    }

    /// <summary>One answer, or a list of them.</summary>
    private static string[] Targets(JsonPart json)
    {
        if (json.Element.ValueKind == JsonValueKind.String) return [Text(json)];
        if (json.Element.ValueKind != JsonValueKind.Array) throw json.Wrong("a text or a list of texts");
        string[] targets = [.. json.Items().Select(Text)];
        if (targets.Length == 0) throw json.Error($"{json.Path} is an empty list");
        return targets.Distinct().Count() == targets.Length ? targets : throw json.Error($"{json.Path} has a text twice");
    }

    private static string? TextOf(JsonPart? json) => json is null ? null : Text(json);

    private static string Text(JsonPart json) => json.Text() is { Length: > 0 } text ? text : throw json.Error($"{json.Path} is empty");

    private static void AllowOnly(JsonPart json, string what, params IReadOnlyList<string> fields)
    {
        if (json.Members().FirstOrDefault(member => !fields.Contains(member.Key)) is { } unknown)
            throw unknown.Error($"{what} has the unknown field '{Excerpt.Text(unknown.Key)}'; known are {string.Join(", ", fields)}");
    }
}
