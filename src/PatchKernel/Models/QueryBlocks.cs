namespace PatchKernel;

/// <summary>Cuts the queries of a long prompt into blocks, so that attention's scores stay small: they grow with the square of its length.</summary>
internal static class QueryBlocks
{
    /// <summary>The most scores that there are at once, 32 MB in float32; a step of attention holds a few such tensors.</summary>
    public const long MostScores = 1 << 23;

    /// <summary>How many queries of so many heads over so many keys there may be at once; one at least.</summary>
    public static long Most(long heads, long keys) => Math.Max(1, MostScores / (heads * keys));

    /// <summary>Blocks of at most so many queries, in order.</summary>
    public static IEnumerable<(long From, long Count)> Of(long queries, long most)
    {
        for (long from = 0; from < queries; from += most) yield return (from, Math.Min(most, queries - from));
    }
}
