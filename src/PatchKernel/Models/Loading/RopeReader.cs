using System.Text.Json;
using PatchKernel.Json;

namespace PatchKernel.Models;

/// <summary>Reads the rotary embedding's part of config.json, in either spelling.</summary>
/// <remarks>
/// Older files have rope_theta at the top and an optional rope_scaling (its type under "type" or "rope_type"); newer ones have all of it in
/// rope_parameters. Where neither says more, the type is default and theta is 10000, as in transformers. Theta and factors are 1 or more: smaller ones
/// make angles that aren't numbers.
/// </remarks>
internal static class RopeReader
{
    private const double DefaultTheta = 10_000;
    private const string RotaryShare = "partial_rotary_factor"; // at 1 all of a head is turned

    /// <summary>The one rotary embedding that a config describes.</summary>
    /// <exception cref="PatchKernelException">A type other than default, linear or llama3, or two spellings that disagree.</exception>
    public static RopeConfig Read(ConfigSection config, List<string> warnings)
    {
        var outerTheta = config.Find("rope_theta")?.AtLeast(1);
        string[] spellings = ["rope_parameters", "rope_scaling"];
        RopeConfig? rope = null;
        foreach (var spelling in spellings)
        {
            if (config.Section(spelling) is not { } section) continue;
            var found = ReadSection(section, outerTheta, warnings);
            if (rope is not null && rope != found) throw config.Wrong(spelling, "rope_parameters says something else: remove one of the two");
            rope = found;
        }
        return rope ?? new RopeConfig.Plain(outerTheta ?? DefaultTheta);
    }

    private static RopeConfig ReadSection(ConfigSection section, double? outerTheta, List<string> warnings)
    {
        var theta = section.Positive("rope_theta", outerTheta ?? DefaultTheta, least: 1);
        if (outerTheta is { } outer && outer != theta)
            throw section.Wrong("rope_theta", "the rope_theta outside it is another: remove one of the two");

        RopeConfig rope = Type(section) switch
        {
            "default" => new RopeConfig.Plain(theta),
            "linear" => new RopeConfig.Linear(theta, section.Positive("factor", least: 1)),
            "llama3" => Llama3(section, theta),
            _ => throw (section.Find("rope_type") ?? section.Find("type"))!.But("only default, linear and llama3 are supported"),
        };
        warnings.AddRange(section.Unread.Where(part => !(part.Key == RotaryShare && part.Is(1))).Select(Leftover));
        return rope;
    }

    private static string Type(ConfigSection section)
    {
        var (type, older) = (section.Find("rope_type"), section.Find("type"));
        if (type is not null && older is not null && type.Text() != older.Text())
            throw type.But($"its older spelling type is {older.Quote()}: remove one of the two");
        return (type ?? older)?.Text() ?? (section.Find("factor") is null ? "default" : throw section.Missing("rope_type"));
    }

    private static RopeConfig.Llama3 Llama3(ConfigSection section, double theta)
    {
        var rope = new RopeConfig.Llama3(theta, section.Positive("factor", least: 1), section.Positive("low_freq_factor"),
            section.Positive("high_freq_factor"), section.Size("original_max_position_embeddings"));
        return (float)(rope.HighFrequencyFactor - rope.LowFrequencyFactor) > 0 // what it is divided by
            ? rope
            : throw section.Wrong("high_freq_factor", "it must be above low_freq_factor");
    }

    private static string Leftover(JsonPart part) =>
        part.Key == RotaryShare ? throw part.But("only 1 is supported")
        : part.Element.ValueKind == JsonValueKind.Object ? throw part.But("parameters for each type of layer aren't supported")
        : ConfigReader.Unknown(part);
}
