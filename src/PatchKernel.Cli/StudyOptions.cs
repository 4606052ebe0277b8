using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace PatchKernel.Cli;

/// <summary>A study file, and options that take the place of its fields: each is called as its field.</summary>
internal sealed class StudyOptions
{
    private static readonly (string Field, string Value, string Description)[] Texts =
    [
        ("model", "A,B", "Models: folders, GGUF files, or names on the hub."),
        ("sites", "A,B", "What is patched, as sweep's --site has it."),
        ("positions", "ROLES", "Roles such as subject.last,last; or each or all positions."),
        ("directions", "A,B", "denoising, noising."),
        ("sources", "A,B", "What is put in: other, zero, mean, noise."),
        ("windows", "1,3", "How many layers are patched together."),
        ("metrics", "A,B", "What is measured, as sweep's --metric has it; pairs need a gap by the first."),
        ("controls", "A,B", "What the numbers are compared with: random, shuffled; an empty text for none."),
        ("dtype", "NAME", "float32, bfloat16 or float16."),
        ("device", "NAME", "auto, cpu, cuda or cuda:N."),
        ("seed", "N", "Seed of all that is drawn."),
        ("verify", "N", "Random cells of each unit that are computed once more by a full forward."),
        ("unit", "N", "Pairs that go through the model together."),
    ];

    private static readonly (string Field, string Value, string Description)[] OfData =
    [
        ("data", "FILE", "The file of pairs."),
        ("skip", "N", "How many of the first rows are passed over."),
        ("limit", "N", "The first so many rows."),
        ("sample", "N", "So many rows at random."),
        ("split", "NAME=SHARE", "A random share of the rows gets this name in the column split."),
    ];

    private static readonly (string Field, string Description)[] Flags =
        [("only_answered", "Leave out pairs that the model doesn't answer rightly in both runs."), ("skip_bad", "Leave out rows that can't be used, and count them.")];

    private static readonly string[] Lists = ["model", "sites", "directions", "sources", "windows", "metrics", "controls"];
    private static readonly string[] Numbers = ["seed", "verify", "unit", "skip", "limit", "sample"];

    private readonly Argument<string> file = new("FILE") { Description = "The study: experiment.json." };
    private readonly Dictionary<string, Option<string?>> texts;
    private readonly Dictionary<string, Option<bool>> flags;

    public StudyOptions(Command command)
    {
        command.Arguments.Add(file);
        texts = Texts.Concat(OfData).ToDictionary(field => field.Field, field => OptionOf.Text(NameOf(field.Field), field.Value, field.Description));
        foreach (var number in Numbers) OptionOf.RefuseOthers(texts[number], number == "seed" ? int.MinValue : number == "verify" ? 0 : 1, int.MaxValue);
        flags = Flags.ToDictionary(field => field.Field, field => new Option<bool>(NameOf(field.Field)) { Description = field.Description });
        foreach (var option in texts.Values.Concat<Option>(flags.Values)) command.Options.Add(option);
    }

    /// <summary>The study file's path.</summary>
    public string File(ParseResult parse) => parse.GetValue(file)!;

    /// <summary>The study.</summary>
    public Study Read(ParseResult parse) => Study.Load(File(parse), Overrides(parse));

    /// <summary>The options that are on the command line, as they would be given again from anywhere.</summary>
    public IEnumerable<string> Given(ParseResult parse) =>
    [
        .. texts.Where(text => parse.Has(text.Value)).SelectMany(text => new[] { text.Value.Name, Lasting(text.Key, parse.GetValue(text.Value) ?? "") }),
        .. flags.Values.Where(parse.Has).SelectMany(flag => new[] { flag.Name, parse.GetValue(flag) ? "true" : "false" }),
    ];

    private static string Lasting(string field, string text) => field switch
    {
        "data" => Path.GetFullPath(text),
        "model" => string.Join(',', Items(text).Select(model => Path.Exists(model) ? Path.GetFullPath(model) : model)),
        _ => text,
    };

    private JsonObject Overrides(ParseResult parse)
    {
        var (study, data) = (new JsonObject(), new JsonObject());
        foreach (var (field, option) in texts)
            if (parse.GetValue(option) is { } text && parse.Has(option))
                (OfData.Any(known => known.Field == field) ? data : study)[field == "data" ? "file" : field] = Value(field, text);
        foreach (var (field, option) in flags)
            if (parse.Has(option)) data[field] = parse.GetValue(option);
        if (data.Count > 0) study["data"] = data;
        return study;
    }

    private static JsonNode Value(string field, string text)
    {
        if (Lists.Contains(field)) return new JsonArray([.. Items(text).Select(item => One(field == "windows", item))]);
        return One(Numbers.Contains(field), text);

        static JsonNode One(bool isNumber, string text) => isNumber && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : text;
    }

    private static string[] Items(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string NameOf(string field) => $"--{field.Replace('_', '-')}";
}
