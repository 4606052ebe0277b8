namespace PatchKernel.Circuits;

/// <summary>Circuits of edges drawn at random: what chance does.</summary>
internal static class CircuitDraw
{
    /// <summary>Several draws of circuits of some sizes, [draws · sizes].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">Of all draws.</param>
    /// <param name="draws">How many draws.</param>
    /// <param name="connected">Whether every edge lies on a path from the embedding to the logits; else edges are drawn anywhere.</param>
    /// <param name="counts">How many edges. Of a few no connected circuit may exist: it then has less.</param>
    public static Circuit[] Of(EdgeGraph graph, int seed, int draws, bool connected, params IReadOnlyList<int> counts)
    {
        // Of a seed .NET takes the size alone, and −1 would draw what 1 does.
        var random = new Random((int)(unchecked((uint)seed * 0x9E3779B1u) >> 1));
        return [.. Enumerable.Repeat(counts, draws).SelectMany(sizes => sizes).Select(count => connected ? new ConnectedDraw(graph, random).Of(count) : CircuitSelection.Of(graph, Shuffled(graph, random).Take(count)))];
    }

    /// <summary>All edges, in random order.</summary>
    public static int[] Shuffled(EdgeGraph graph, Random random)
    {
        int[] edges = [.. Enumerable.Range(0, graph.Count)];
        random.Shuffle(edges);
        return edges;
    }
}
