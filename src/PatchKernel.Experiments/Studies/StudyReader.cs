using System.Text.Json;
using System.Text.Json.Nodes;
using PatchKernel.Json;
using PatchKernel.Sweeps;
using PatchKernel.Text;

namespace PatchKernel.Studies;

/// <summary>Reads <c>experiment.json</c>; every error names the file and the field.</summary>
internal static class StudyReader
{
    /// <summary>The version of the files that this program reads.</summary>
    public const int Version = 1;

    /// <summary>The fields, each also an option of the command.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        ["model", "data", "sites", "positions", "directions", "sources", "windows", "metrics", "controls", "dtype", "device", "seed", "verify", "unit"];

    /// <summary>The fields of <c>data</c>, each also an option of the command.</summary>
    public static IReadOnlyList<string> DataFields { get; } = ["file", "skip", "limit", "sample", "split", "only_answered", "skip_bad"];

    private const string CommandLine = "the command line";

    /// <summary>The study of a file.</summary>
    public static Study Read(string path, JsonObject overrides)
    {
        var text = JsonFile.Bytes(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var study = JsonFile.Parse(text, $"'{path}'", json => Read(new JsonPart("study file", path, json, text), overrides, folder));
        study.Check();
        return study;
    }

    private static Study Read(JsonPart file, JsonObject overrides, string folder)
    {
        if (file.Find("version")?.Whole(1, int.MaxValue) is > Version and var version)
            throw new PatchKernelException($"'{file.File}': study file version {version} is newer than this program's {Version}; update PatchKernel.");
        AllowOnly(file, [.. Fields, "version", "$schema"]);
        // The command line's fields, in a file of their own: an error names the option.
        var given = new JsonPart("options of", CommandLine, JsonElement.Parse(overrides.ToJsonString()));
        AllowOnly(given, Fields);
        var data = DataOf(file.Find("data"), given.Find("data"), folder);
        return new()
        {
            Models = [.. Field("model") is { } models ? Texts(models).Select(model => Place(models, model, given.Find("model") is null ? folder : null)) : throw file.Missing("model")],
            Data = data.File,
            Selection = data.Selection with { Seed = Field("seed")?.Whole() ?? 0 },
            OnlyAnswered = data.OnlyAnswered,
            Sites = Field("sites") is { } sites ? [.. Texts(sites).Select(site => Named(sites, site, SiteOf))] : [Activation.ResidPost],
            Positions = Field("positions") is { } positions ? PositionsOf(positions) : null,
            Roles = Field("positions") is { } roles && PositionsOf(roles) is null ? RolesOf(roles) : null,
            Directions = Field("directions") is { } directions ? [.. Texts(directions).Select(word => Named(directions, word, Word<Direction>))] : [Direction.Denoising],
            Sources = Field("sources") is { } sources ? [.. Items(sources).Select(SourceOf)] : [StudySource.Other],
            Windows = Field("windows") is { } windows ? [.. Items(windows).Select(window => window.Whole(1, int.MaxValue))] : [1],
            Metrics = Field("metrics") is { } metrics ? [.. Texts(metrics).Select(metric => Named(metrics, metric, Metric.Parse))] : [Metric.TargetLogit, Metric.LogitDiff],
            Controls = Field("controls") is { } controls ? [.. Texts(controls).Select(word => Named(controls, word, Word<StudyControl>))] : null,
            Dtype = Field("dtype")?.Text() ?? "float32",
            Device = Field("device")?.Text() ?? "auto",
            Seed = Field("seed")?.Whole() ?? 0,
            Verify = Field("verify")?.Whole(0, int.MaxValue),
            Unit = Field("unit")?.Whole(1, int.MaxValue),
        };

        JsonPart? Field(string name) => given.Find(name) ?? file.Find(name);
    }

    private static (string File, DataSelection Selection, bool OnlyAnswered) DataOf(JsonPart? file, JsonPart? given, string folder)
    {
        foreach (var part in new[] { file, given })
            if (part?.Element.ValueKind == JsonValueKind.Object) AllowOnly(part, [.. DataFields]);
        var place = FileOf(given) is { } own ? Path.GetFullPath(own) : FileOf(file) is { } path ? Path.GetFullPath(path, folder)
            : throw new PatchKernelException("The study names no data file; give \"data\", the file of its pairs.");
        return (place, new DataSelection
        {
            Skip = Field("skip")?.Whole(0, int.MaxValue) ?? 0,
            Limit = Field("limit")?.Whole(1, int.MaxValue),
            Sample = Field("sample")?.Whole(1, int.MaxValue),
            Split = Field("split") is { } split ? SplitOf(split) : null,
            SkipBad = Field("skip_bad")?.Flag() ?? false,
        }, Field("only_answered")?.Flag() ?? false);

        static string? FileOf(JsonPart? part) => part is null ? null : part.Element.ValueKind == JsonValueKind.Object ? part.Find("file") is { } path ? PathIn(path) : null : PathIn(part);

        JsonPart? Field(string name) => Of(given, name) ?? Of(file, name);

        static JsonPart? Of(JsonPart? part, string name) => part?.Element.ValueKind == JsonValueKind.Object ? part.Find(name) : null;
    }

    private static string PathIn(JsonPart part) => IsPath(part.Text()) ? part.Text() : throw part.Wrong("a path");

    private static bool IsPath(string text) => text.Length > 0 && !text.Contains('\0');

    private static (string, double) SplitOf(JsonPart split)
    {
        var parts = split.Text().Split('=');
        return parts is [{ Length: > 0 } name, var share] && double.TryParse(share, System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1
            ? (name.Trim(), number) : throw split.Wrong("a name and a share between 0 and 1, such as held-out=0.2,");
    }

    private static StudySource SourceOf(JsonPart part)
    {
        if (part.Element.ValueKind == JsonValueKind.String) return new(Named(part, part.Text(), NameOfSource));
        var source = new StudySource(Named(part, part.Require("name").Text(), NameOfSource));
        AllowOnly(part, ["name", .. source.Name switch { "noise" => (string[])["std", "samples"], "mean" => ["prompts"], _ => [] }]);
        return source with
        {
            StandardDeviation = part.Find("std")?.Positive() ?? source.StandardDeviation,
            Samples = part.Find("samples")?.Whole(1, PatchSource.Noise.MostSamples) ?? source.Samples,
            Prompts = part.Find("prompts")?.Whole(1, 1000) ?? source.Prompts,
        };
    }

    private static Activation SiteOf(string name) => SiteTable.Activations.Where(site => site.Name() == name).ToArray() is [var site] ? site
        : throw new PatchKernelException($"There is no site '{name}'; choose from {string.Join(", ", SiteTable.Activations.Select(ActivationNames.Name))}.");

    private static string NameOfSource(string name)
    {
        new StudySource(name).Check();
        return name;
    }

    private static IReadOnlyList<TokenRole> RolesOf(JsonPart part)
    {
        string[] names = [.. Texts(part)];
        return names.Length == 0 ? [] : Named(part, string.Join(',', names), TokenRole.ParseAll);
    }

    private static Positions? PositionsOf(JsonPart part) => part.Element.ValueKind != JsonValueKind.String ? null : part.Text() switch
    {
        "each" => Positions.Each,
        "all" => Positions.All,
        _ => null,
    };

    /// <summary>One text, several with commas between, or a list.</summary>
    private static IEnumerable<string> Texts(JsonPart part) => part.Element.ValueKind == JsonValueKind.Array
        ? part.Items().Select(item => item.Text())
        : part.Text().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<JsonPart> Items(JsonPart part) => part.Element.ValueKind == JsonValueKind.Array ? part.Items() : [part];

    private static T Word<T>(string word) where T : struct, Enum => Enum.GetValues<T>().Where(value => value.ToString().Equals(word, StringComparison.OrdinalIgnoreCase)).ToArray() is [var value]
        ? value : throw new PatchKernelException($"There is no '{word}'; choose from {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}.");

    private static T Named<T>(JsonPart part, string name, Func<string, T> parse)
    {
        try
        {
            return parse(name);
        }
        catch (PatchKernelException) when (part.File == CommandLine)
        {
            throw; // there is no line to add
        }
        catch (PatchKernelException e)
        {
            throw part.Error(e.Message.TrimEnd('.'), e);
        }
    }

    // A name on the hub isn't a path.
    private static string Place(JsonPart part, string model, string? folder) =>
        !IsPath(model) ? throw part.Wrong("a model's path or name") : folder is not null && Path.Exists(Path.GetFullPath(model, folder)) ? Path.GetFullPath(model, folder) : model;

    private static void AllowOnly(JsonPart part, IReadOnlyList<string> fields)
    {
        foreach (var member in part.Members())
            if (!fields.Contains(member.Key))
                throw member.Error($"{member.Path} is no field of a study {(NearNames.Of(member.Key, fields, 1) is [var near] ? $"(is {near} meant?)" : $"(there are {string.Join(", ", fields)})")}");
    }
}
