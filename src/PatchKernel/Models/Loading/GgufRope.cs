using PatchKernel.Gguf;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Reads the rotary embedding's keys and tensors of a GGUF file.</summary>
/// <param name="file">The file.</param>
/// <param name="section">The architecture's keys.</param>
/// <param name="config">The model's shape.</param>
internal sealed class GgufRope(GgufParts file, GgufSection section, ModelConfig config)
{
    private const string Divisors = "rope_freqs.weight", Long = "rope_factors_long.weight", Short = "rope_factors_short.weight";
    private const string Dimensions = "rope.dimension_count";
    private const string Type = "rope.scaling.type", ScalingFactor = "rope.scaling.factor", Attention = "rope.scaling.attn_factor", Original = "rope.scaling.original_context_length";
    private const double DefaultTheta = 10_000;

    private readonly int width = section.Index(Dimensions) ?? config.DHead;

    /// <summary>Whether a tensor holds divisors of frequencies: the config has them.</summary>
    public static bool IsNameOf(string name) => name is Divisors or Long or Short;

    /// <summary>The config with its rotary embedding, and the share of a head that is turned.</summary>
    /// <exception cref="PatchKernelException">It is of an unknown type, or something of it can't be.</exception>
    public ModelConfig Read()
    {
        if (config.Has(Slot.Positions)) return config; // a table of positions
        if (width < 2 || width > config.DHead || width % 2 != 0) throw section.Wrong(Dimensions, $"it must be an even number from 2 to the width of a head, {config.DHead}");
        if (width != config.DHead && config.Layout.Tensors.Any(stored => stored.Interleaved)) throw section.Wrong(Dimensions, $"only the width of a head, {config.DHead}, is supported");
        var rope = Rope();
        if (!(rope.Scale <= RopeConfig.MostScale)) throw section.Wrong(section.Has(Attention) ? Attention : ScalingFactor, $"cosines and sines would be multiplied by more than {RopeConfig.MostScale}");
        return config with { Rope = rope, Parts = config.Parts with { RotaryWidth = width == config.DHead ? null : width } };
    }

    private RopeConfig Rope()
    {
        var theta = section.Positive("rope.freq_base", DefaultTheta, least: 1);
        CheckTogether();
        if (file.Tensors.TryGetValue(Long, out var longer)) return LongRope(theta, longer, file.Tensors[Short]);
        var factor = section.Has(ScalingFactor) && !section.Is(ScalingFactor, 0) ? section.Positive(ScalingFactor, least: 1) : 1;
        switch (section.Text(Type) ?? "linear")
        {
            case "linear": break;
            case "none": factor = 1; break;
            case "yarn" when theta > 1: return Yarn(theta, factor);
            default: throw section.Wrong(Type, "only none, linear and yarn are supported");
        }
        if (file.Tensors.TryGetValue(Divisors, out var stored)) return new RopeConfig.Factors(theta, Values(stored, factor));
        return factor == 1 ? new RopeConfig.Plain(theta) : new RopeConfig.Linear(theta, factor);
    }

    /// <summary>Passes where factors are there for both lengths or neither, and no other divisors beside them: one of them alone would count for nothing.</summary>
    private void CheckTogether()
    {
        string[] there = [.. ((string[])[Long, Short, Divisors]).Where(file.Tensors.ContainsKey)];
        if (there is not ([] or [Long, Short] or [Divisors]))
            throw new PatchKernelException($"'{file.Path}' has {string.Join(" and ", there)}, but it must have {Long} with {Short}, or {Divisors} alone: it is damaged.");
    }

    private RopeConfig.Yarn Yarn(double theta, double factor)
    {
        var attention = section.Positive(Attention, 1) * RopeConfig.Yarn.UsualAttentionFactor(factor);
        return new(theta, factor, section.Size(Original, fallback: config.MaxPositions, max: int.MaxValue), attention,
            section.Positive("rope.scaling.yarn_beta_fast", 32), section.Positive("rope.scaling.yarn_beta_slow", 1));
    }

    private RopeConfig.LongRope LongRope(double theta, GgufTensor longer, GgufTensor shorter)
    {
        if (section.Text(Type) is { } type and not ("longrope" or "none")) throw section.Wrong(Type, "with tensors of factors only longrope is supported");
        var original = section.Size(Original, fallback: config.MaxPositions, max: int.MaxValue);
        return new(theta, Values(longer, 1), Values(shorter, 1), original, section.Positive(Attention, 1));
    }

    private float[] Values(GgufTensor stored, double factor)
    {
        if (!stored.Shape.SequenceEqual([width / 2]))
            throw new PatchKernelException($"In '{file.Path}' {stored.Name} is {Excerpt.Shape(stored.Shape)}, but it must be [{width / 2}], half a head.");
        using var scope = NewDisposeScope();
        float[] values = [.. file.Read(stored, 0, stored.Shape[0], ScalarType.Float32, CPU).data<float>().Select(value => (float)(value * factor))];
        return values.All(value => float.IsFinite(value) && value > RopeConfig.LeastDivisor)
            ? values
            : throw new PatchKernelException($"In '{file.Path}' {stored.Name} has entries that aren't numbers above {RopeConfig.LeastDivisor:0.000000}: it is damaged.");
    }
}
