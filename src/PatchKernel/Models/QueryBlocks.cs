using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Cuts the queries of a long prompt into blocks, so that attention's scores stay small: they grow with the square of its length.</summary>
internal static class QueryBlocks
{
    /// <summary>The most scores that there are at once, 32 MB in float32; a step of attention holds a few such tensors.</summary>
    public const long MostScores = 1 << 23;

    /// <summary>How many queries of so many heads over so many keys there may be at once; one at least.</summary>
    public static long Most(long heads, long keys) => Math.Max(1, MostScores / (heads * keys));

    /// <summary>What is computed of each block of queries, or of other rows, put together in their order.</summary>
    /// <param name="queries">How many there are.</param>
    /// <param name="most">How many a block has at most.</param>
    /// <param name="compute">From a block's first query and its number of queries to a tensor; owned by the caller's dispose scope, like the result.</param>
    /// <param name="axis">The queries' axis in it.</param>
    /// <remarks>The last block comes first: it sees the most keys, so that all others fit into the memory that it leaves.</remarks>
    public static Tensor Join(long queries, long most, Func<long, long, Tensor> compute, int axis)
    {
        Tensor[] parts = [.. Of(queries, most).Reverse().Select(block => compute(block.From, block.Count))];
        Array.Reverse(parts);
        return parts.Length == 1 ? parts[0] : cat(parts, axis);
    }

    /// <summary>Blocks of at most so many queries, in order.</summary>
    public static IEnumerable<(long From, long Count)> Of(long queries, long most)
    {
        for (long from = 0; from < queries; from += most) yield return (from, Math.Min(most, queries - from));
    }
}
