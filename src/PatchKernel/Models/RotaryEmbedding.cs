using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Turns queries and keys by an angle that grows with their position.</summary>
/// <remarks>
/// Su et al. 2021, arXiv:2104.09864, in the half-split layout of Hugging Face's checkpoints: entry i is paired with i + width / 2.
/// Frequencies and angles are float32 whatever the weights, and made on the CPU, so that every device turns by the same numbers.
/// </remarks>
internal static class RotaryEmbedding
{
    /// <summary>A layer's rotation at the given positions; none where the layer has none.</summary>
    /// <param name="config">The model's shape and frequencies.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="positions">[rows], any integer dtype.</param>
    /// <param name="length">Tokens of the run, on which some frequencies depend.</param>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public static Rotation At(ModelConfig config, int layer, Tensor positions, int length)
    {
        if (config.PositionsOf(layer).Rope is not { } rope) return default;
        using var scope = NewDisposeScope();
        var frequencies = tensor(rope.Frequencies(config.RotaryWidth, length));  // [width / 2], radians a position
        var half = positions.to(ScalarType.Float32).unsqueeze(1) * frequencies; // [rows, width / 2]
        var angles = (config.Parts.Interleaved ? half.repeat_interleave(2, 1) : cat([half, half], 1)).unsqueeze(1); // [rows, 1, width]
        return new Rotation(scope.MoveToOuter(Scaled(angles.cos())), scope.MoveToOuter(Scaled(angles.sin())), config.Parts.Interleaved);

        Tensor Scaled(Tensor values) => rope.Scale == 1 ? values : values.Times(rope.Scale);
    }
}

/// <summary>Cosines and sines of the rotary embedding at some positions; null where nothing is turned.</summary>
/// <param name="Cos">[rows, 1, width], float32.</param>
/// <param name="Sin">[rows, 1, width], float32.</param>
/// <param name="Interleaved">Whether entries that are turned together lie side by side.</param>
internal readonly record struct Rotation(Tensor? Cos, Tensor? Sin, bool Interleaved)
{
    /// <summary>The rotation with other rows.</summary>
    public Rotation Rows(Func<Tensor, Tensor> choose) => Cos is null ? this : this with { Cos = choose(Cos), Sin = choose(Sin!) };

    /// <summary>The rotation of some of the rows; views.</summary>
    public Rotation Narrow(int from, long count) => Rows(values => values.narrow(0, from, count));

    /// <summary>The rotation on a device; owned by the caller's dispose scope.</summary>
    public Rotation To(Device device) => Rows(values => values.to(device));

    /// <summary>Rotates heads, [.., rows, heads, d_head]; they themselves where nothing is turned.</summary>
    public Tensor Apply(Tensor heads)
    {
        if (Cos is null) return heads;
        using var scope = NewDisposeScope();
        var (width, rest) = (Cos.shape[^1], heads.shape[^1] - Cos.shape[^1]);
        return scope.MoveToOuter(rest == 0 ? Turned(heads) : cat([Turned(heads.narrow(-1, 0, width)), heads.narrow(-1, width, rest)], -1));
    }

    private Tensor Turned(Tensor heads)
    {
        if (Interleaved)
        {
            var pairs = heads.unflatten(heads.dim() - 1, heads.shape[^1] / 2, 2).unbind(-1);
            return (heads * Cos!).Plus(stack([-pairs[1], pairs[0]], -1).flatten(-2) * Sin!);
        }
        var halves = heads.chunk(2, -1);
        return (heads * Cos!).Plus(cat([-halves[1], halves[0]], -1) * Sin!);
    }
}
