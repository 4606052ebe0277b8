using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Turns queries and keys by an angle that grows with their position.</summary>
/// <remarks>
/// Su et al. 2021, arXiv:2104.09864, in the half-split layout of Hugging Face's checkpoints: entry i is paired with i + d_head / 2.
/// Frequencies and angles are float32 whatever the weights, and made on the CPU, so that every device turns by the same numbers.
/// </remarks>
internal static class RotaryEmbedding
{
    /// <summary>The rotation at the given positions.</summary>
    /// <param name="config">The model's shape and frequencies.</param>
    /// <param name="positions">[rows], any integer dtype.</param>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public static Rotation At(ModelConfig config, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var frequencies = tensor(Frequencies(config.Rope, config.DHead));       // [d_head / 2], radians a position
        var half = positions.to(ScalarType.Float32).unsqueeze(1) * frequencies; // [rows, d_head / 2]
        var angles = cat([half, half], 1).unsqueeze(1);                         // [rows, 1, d_head]
        return new Rotation(scope.MoveToOuter(angles.cos()), scope.MoveToOuter(angles.sin()));
    }

    /// <summary>Radians a position, [d_head / 2].</summary>
    public static float[] Frequencies(RopeConfig rope, int dHead)
    {
        float[] plain = [.. Enumerable.Range(0, dHead / 2).Select(i => 1 / MathF.Pow((float)rope.Theta, 2f * i / dHead))];
        return rope switch
        {
            RopeConfig.Plain => plain,
            RopeConfig.Linear linear => [.. plain.Select(frequency => frequency / (float)linear.Factor)],
            RopeConfig.Factors factors => [.. plain.Zip(factors.Divisors, (frequency, divisor) => frequency / divisor)],
            RopeConfig.Llama3 llama3 => [.. plain.Select(frequency => Llama3Frequency(frequency, llama3))],
            _ => throw new PatchKernelException($"Rotary embeddings of type {rope.GetType().Name} are not supported."),
        };
    }

    private static float Llama3Frequency(float plain, RopeConfig.Llama3 rope)
    {
        // How many whole turns a frequency makes within the original context: few turns are stretched, many are kept.
        var turns = plain * rope.OriginalMaxPositions / (2 * Math.PI);
        var keep = Math.Clamp((turns - rope.LowFrequencyFactor) / (rope.HighFrequencyFactor - rope.LowFrequencyFactor), 0, 1);
        return (float)(keep * plain + (1 - keep) * plain / rope.Factor);
    }
}

/// <summary>Cosines and sines of the rotary embedding at some positions.</summary>
/// <param name="Cos">[rows, 1, d_head], float32.</param>
/// <param name="Sin">[rows, 1, d_head], float32.</param>
internal readonly record struct Rotation(Tensor Cos, Tensor Sin)
{
    /// <summary>The rotation of some of the rows; views.</summary>
    public Rotation Narrow(int from, long count) => new(Cos.narrow(0, from, count), Sin.narrow(0, from, count));

    /// <summary>The rotation on a device; owned by the caller's dispose scope.</summary>
    public Rotation To(Device device) => new(Cos.to(device), Sin.to(device));

    /// <summary>Rotates heads, [.., rows, heads, d_head].</summary>
    public Tensor Apply(Tensor heads)
    {
        using var scope = NewDisposeScope();
        var halves = heads.chunk(2, -1);
        var turned = cat([-halves[1], halves[0]], -1);
        return scope.MoveToOuter((heads * Cos).Plus(turned * Sin));
    }
}
