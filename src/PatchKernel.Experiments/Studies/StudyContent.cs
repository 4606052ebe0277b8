using System.Text.Json.Nodes;

namespace PatchKernel.Studies;

/// <summary>A study as the fields of its file.</summary>
internal static class StudyContent
{
    /// <summary>Every field, the defaults too but for rows skipped; models by their names alone, and of the data how its rows were taken.</summary>
    public static JsonObject Of(Study study) => new()
    {
        ["model"] = List(study.Models.Select(model => Path.GetFileName(Path.TrimEndingDirectorySeparator(model)))),
        ["data"] = DataOf(study),
        ["sites"] = List(study.Sites.Select(ActivationNames.Name)),
        ["positions"] = study.Roles is { } roles ? List(roles.Select(role => role.Name)) : study.Positions?.ToString().ToLowerInvariant(),
        ["directions"] = List(study.Directions.Select(direction => direction.ToString().ToLowerInvariant())),
        ["sources"] = new JsonArray([.. study.Sources.Select(Source)]),
        ["windows"] = new JsonArray([.. study.Windows.Select(window => (JsonNode)window)]),
        ["metrics"] = List(study.Metrics.Select(metric => metric.Name)),
        ["controls"] = List(study.ControlsRun.Select(control => control.ToString().ToLowerInvariant())),
        ["dtype"] = study.Dtype,
        ["device"] = study.Device,
        ["seed"] = study.Seed,
        ["verify"] = study.Verify,
        ["unit"] = study.Unit,
    };

    private static JsonObject DataOf(Study study)
    {
        var data = new JsonObject
        {
            ["limit"] = study.Selection.Limit,
            ["sample"] = study.Selection.Sample,
            ["split"] = study.Selection.Split is (var name, var share) ? FormattableString.Invariant($"{name}={share}") : null,
            ["only_answered"] = study.OnlyAnswered,
            ["skip_bad"] = study.Selection.SkipBad,
        };
        if (study.Selection.Skip > 0) data["skip"] = study.Selection.Skip; // only then: a study that was begun before there was this field is the same one
        return data;
    }

    private static JsonNode Source(StudySource source) => source.Name switch
    {
        "noise" => new JsonObject { ["name"] = source.Name, ["std"] = source.StandardDeviation, ["samples"] = source.Samples },
        "mean" => new JsonObject { ["name"] = source.Name, ["prompts"] = source.Prompts },
        _ => source.Name,
    };

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
