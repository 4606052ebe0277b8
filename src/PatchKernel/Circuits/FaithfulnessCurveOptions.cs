namespace PatchKernel;

/// <summary>Which circuits a faithfulness curve is made of, what is measured, and its controls.</summary>
/// <remarks>The sizes and the two ways to rank are those of Mueller et al. 2025, arXiv:2504.13151.</remarks>
public sealed record FaithfulnessCurveOptions
{
    /// <summary>MIB's sizes, as shares of all edges.</summary>
    public static IReadOnlyList<double> MibShares { get; } = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1];

    /// <summary>What the other edges carry, and what is measured: the first metric.</summary>
    public CircuitOptions Circuits { get; init; } = new() { Metric = Metric.LogitDiff };

    /// <summary>The sizes before pruning, as growing shares of all edges; MIB's by default.</summary>
    public IReadOnlyList<double> Shares { get; init; } = MibShares;

    /// <summary>Whether an edge that hurts counts as much as one that helps; MIB ranks so for CMD, and by signed scores for CPR.</summary>
    public bool Absolute { get; init; }

    /// <summary>Whether circuits grow from the logits downwards; else they are the best edges, wherever they are.</summary>
    public bool Greedy { get; init; }

    /// <summary>How many random circuits of each size are run beside them; 3 by default.</summary>
    public int RandomCircuits { get; init; } = 3;

    /// <summary>Whether all edges of random circuits lie on paths from the embedding to the logits; else they are drawn anywhere, and of a few most lead nowhere.</summary>
    public bool ConnectRandomCircuits { get; init; }

    /// <summary>Seed of the draw.</summary>
    public int Seed { get; init; }

    /// <summary>Refuses what can't be done.</summary>
    /// <exception cref="PatchKernelException">An option is out of range.</exception>
    internal void Check()
    {
        if (Shares.Count < 2 || !(Shares[0] > 0) || Shares[^1] > 1 || Shares.Zip(Shares.Skip(1)).Any(two => !(two.First < two.Second)))
            throw new PatchKernelException("A curve needs at least two sizes, growing shares of all edges, above 0 and up to 1.");
        if (RandomCircuits < 0) throw new PatchKernelException($"{RandomCircuits} random circuits can't be run; give a number from 0 on.");
    }
}
