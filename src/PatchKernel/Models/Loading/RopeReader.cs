using System.Text.Json;
using PatchKernel.Json;

namespace PatchKernel.Models;

/// <summary>Reads the rotary embedding's part of config.json, in either spelling.</summary>
/// <remarks>
/// Older files have rope_theta at the top and an optional rope_scaling (its type under "type" or "rope_type"); newer ones have all of it in
/// rope_parameters. Where neither says more, the type is default and theta is the family's, as in transformers. Theta and factors are 1 or more: smaller ones
/// make angles that aren't numbers.
/// </remarks>
internal static class RopeReader
{
    /// <summary>The usual key of the base.</summary>
    public const string Theta = "rope_theta";

    private const string Parameters = "rope_parameters";
    private const string RotaryShare = "partial_rotary_factor";
    private const string Original = "original_max_position_embeddings";

    /// <summary>The share of a head that is turned, which stands at the top or in rope_parameters.</summary>
    public static double Share(ConfigSection config, double fallback) =>
        config.Share(RotaryShare, fallback: config.Section(Parameters)?.Share(RotaryShare, fallback) ?? fallback);

    /// <summary>The rotary embedding that a config describes; of the layers without a window where it has one for each type.</summary>
    /// <exception cref="PatchKernelException">An unknown type, or two spellings that disagree.</exception>
    public static RopeConfig Read(ConfigSection config, RopeDefaults defaults, List<string> warnings)
    {
        if (defaults.ByLayerType && OfLayers(config, "full_attention", defaults, warnings) is { } full) return full;
        var outerTheta = (config.Find(defaults.ThetaKey) ?? config.Find(Theta))?.AtLeast(1);
        string[] spellings = [Parameters, "rope_scaling"];
        RopeConfig? rope = null;
        foreach (var spelling in spellings)
        {
            if (config.Section(spelling) is not { } section) continue;
            var found = ReadSection(section, config, defaults, outerTheta, warnings);
            if (rope is not null && rope != found) throw config.Wrong(spelling, "rope_parameters says something else: remove one of the two");
            rope = found;
        }
        return rope ?? new RopeConfig.Plain(outerTheta ?? defaults.Theta);
    }

    /// <summary>That of one type of layers, in a config that has one for each; null in one that doesn't.</summary>
    public static RopeConfig? OfLayers(ConfigSection config, string type, RopeDefaults defaults, List<string> warnings) =>
        config.Section(Parameters)?.Find(type) is { } part ? ReadSection(new ConfigSection(part), config, defaults, outerTheta: null, warnings) : null;

    private static RopeConfig ReadSection(ConfigSection section, ConfigSection config, RopeDefaults defaults, double? outerTheta, List<string> warnings)
    {
        var theta = section.Positive(Theta, outerTheta ?? defaults.Theta, least: 1);
        if (outerTheta is { } outer && outer != theta) throw section.Wrong(Theta, $"the {defaults.ThetaKey} outside it is another: remove one of the two");

        var type = Type(section);
        RopeConfig rope = type switch
        {
            "default" => new RopeConfig.Plain(theta),
            "linear" => new RopeConfig.Linear(theta, section.Positive("factor", least: 1)),
            "llama3" => Llama3(section, theta),
            _ when defaults.LongRopeNames.Contains(type) => LongRope(section, config, theta, defaults),
            "yarn" => Yarn(section, theta, defaults),
            "dynamic" when defaults.Width > 2 => new RopeConfig.Dynamic(theta, section.Positive("factor", least: 1), defaults.Positions),
            _ => throw (section.Find("rope_type") ?? section.Find("type"))!.But("only default, linear, llama3, yarn, dynamic and longrope are supported"),
        };
        if (!(rope.Scale <= RopeConfig.MostScale)) throw config.But($"its rotary embedding would multiply by more than {RopeConfig.MostScale}");
        warnings.AddRange(section.Unread.Where(part => !IsShare(part, defaults.Share)).Select(part => Leftover(part, defaults)));
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
            section.Positive("high_freq_factor"), section.Size(Original));
        return (float)(rope.HighFrequencyFactor - rope.LowFrequencyFactor) > 0 // what it is divided by
            ? rope
            : throw section.Wrong("high_freq_factor", "it must be above low_freq_factor");
    }

    private static RopeConfig.Yarn Yarn(ConfigSection section, double theta, RopeDefaults defaults)
    {
        if (theta <= 1) throw section.But($"yarn needs a {defaults.ThetaKey} above 1"); // its logarithm divides
        var original = section.Size(Original, fallback: defaults.Positions, max: int.MaxValue);
        var factor = section.Positive("factor", fallback: Math.Max(1, (double)defaults.Positions / original), least: 1);
        var (scale, scaleOfAll) = (section.NumberOrNone("mscale", null), section.NumberOrNone("mscale_all_dim", null));
        var usual = scale is { } one && scaleOfAll is { } all
            ? RopeConfig.Yarn.UsualAttentionFactor(factor, one) / RopeConfig.Yarn.UsualAttentionFactor(factor, all)
            : RopeConfig.Yarn.UsualAttentionFactor(factor);
        return new RopeConfig.Yarn(theta, factor, original, section.Positive("attention_factor", usual),
            section.Positive("beta_fast", 32), section.Positive("beta_slow", 1), section.Flag("truncate", fallback: true));
    }

    private static RopeConfig.LongRope LongRope(ConfigSection section, ConfigSection config, double theta, RopeDefaults defaults)
    {
        var original = (section.Find(Original) ?? config.Find(Original))?.Whole(2, int.MaxValue) ?? throw section.Missing(Original); // a logarithm of it divides
        var factor = section.Positive("factor", fallback: Math.Max(1, (double)defaults.Positions / original), least: 1);
        var usual = Math.Sqrt(1 + Math.Log(factor) / Math.Log(original));
        return new RopeConfig.LongRope(theta, Divisors("long_factor"), Divisors("short_factor"), original, section.Positive("attention_factor", usual));

        float[] Divisors(string key)
        {
            float[] divisors = [.. (section.Find(key) ?? throw section.Missing(key)).AtMost(defaults.Width).Items().Select(item => (float)item.Positive())];
            return divisors.Length == defaults.Width / 2 && divisors.All(divisor => divisor >= RopeConfig.LeastDivisor) ? divisors
                : throw section.Wrong(key, $"it must have {defaults.Width / 2} numbers from {RopeConfig.LeastDivisor:0.000000} on, one for each pair of entries that are turned");
        }
    }

    private static bool IsShare(JsonPart part, double share) => part.Key == RotaryShare && part.IsNumber(out var said) && said == (float)share;

    private static string Leftover(JsonPart part, RopeDefaults defaults) =>
        part.Key == RotaryShare ? throw part.But(FormattableString.Invariant($"only {defaults.Share} is supported"))
        : part.Element.ValueKind == JsonValueKind.Object ? throw part.But("parameters for each type of layer aren't supported")
        : ConfigReader.Unknown(part);
}

/// <summary>What a config's rotary embedding has where its own part says nothing.</summary>
/// <param name="ThetaKey">The key of the base at the top.</param>
/// <param name="Theta">The base.</param>
/// <param name="Positions">The longest prompt that the model was made for.</param>
/// <param name="Width">Entries of a head that are turned.</param>
internal sealed record RopeDefaults(string ThetaKey, double Theta, int Positions, int Width)
{
    /// <summary>The share of a head that is turned.</summary>
    public double Share { get; init; } = 1;

    /// <summary>What longrope is called.</summary>
    public IReadOnlyList<string> LongRopeNames { get; init; } = ["longrope"];

    /// <summary>Whether layers with a window may have one of their own.</summary>
    public bool ByLayerType { get; init; }
}
