namespace PatchKernel;

/// <summary>Circuits made of edges' scores.</summary>
/// <remarks>As EAP-IG's code selects them, before it prunes; Hanna et al. 2024, arXiv:2403.17806. <see cref="Circuit.Pruned"/> takes out what then leads nowhere.</remarks>
public static class CircuitSelection
{
    /// <summary>The best edges.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="scores">A score for each of its edges, in its order.</param>
    /// <param name="count">How many edges.</param>
    /// <param name="absolute">Whether an edge that hurts counts as much as one that helps.</param>
    /// <exception cref="PatchKernelException">There isn't a score for each edge, or there are fewer edges.</exception>
    public static Circuit Top(EdgeGraph graph, IReadOnlyList<float> scores, int count, bool absolute = false)
    {
        Check(graph, scores, count);
        return Of(graph, Enumerable.Range(0, scores.Count).OrderByDescending(edge => Worth(scores[edge], absolute)).Take(count));
    }

    /// <summary>The edges whose score is at least so much.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="scores">A score for each of its edges, in its order.</param>
    /// <param name="least">The least score.</param>
    /// <param name="absolute">Whether an edge that hurts counts as much as one that helps.</param>
    /// <exception cref="PatchKernelException">There isn't a score for each edge, or a number isn't finite.</exception>
    public static Circuit Threshold(EdgeGraph graph, IReadOnlyList<float> scores, float least, bool absolute = false)
    {
        Check(graph, scores, 0);
        if (!float.IsFinite(least)) throw new PatchKernelException("A circuit's least score is infinite or not a number; give a number in the scores' unit.");
        return Of(graph, Enumerable.Range(0, scores.Count).Where(edge => Worth(scores[edge], absolute) >= least));
    }

    /// <summary>From the logits downwards always the best edge whose receiver is reached already, so that every edge leads to the logits.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="scores">A score for each of its edges, in its order.</param>
    /// <param name="count">How many edges.</param>
    /// <param name="absolute">Whether an edge that hurts counts as much as one that helps.</param>
    /// <exception cref="PatchKernelException">There isn't a score for each edge, or there are fewer edges.</exception>
    public static Circuit Greedy(EdgeGraph graph, IReadOnlyList<float> scores, int count, bool absolute = false)
    {
        Check(graph, scores, count);
        var into = Enumerable.Range(0, scores.Count).ToLookup(edge => graph.Places[edge].Receiver);
        var candidates = new PriorityQueue<int, (float, int)>();
        var (chosen, reached) = (new List<int>(), new HashSet<int>());
        Reach(graph.Receivers.Count - 1);
        while (chosen.Count < count && candidates.TryDequeue(out var edge, out _))
        {
            chosen.Add(edge);
            foreach (var receiver in graph.ReceiversOf(graph.Places[edge].Sender)) Reach(receiver);
        }
        return Of(graph, chosen);

        void Reach(int receiver)
        {
            if (!reached.Add(receiver)) return;
            foreach (var edge in into[receiver]) candidates.Enqueue(edge, (-Worth(scores[edge], absolute), edge));
        }
    }

    /// <summary>The circuit of some edges, by their places.</summary>
    internal static Circuit Of(EdgeGraph graph, IEnumerable<int> edges)
    {
        var live = new bool[graph.Count];
        foreach (var edge in edges) live[edge] = true;
        return new Circuit(graph, live);
    }

    private static float Worth(float score, bool absolute) => absolute ? Math.Abs(score) : score;

    private static void Check(EdgeGraph graph, IReadOnlyList<float> scores, int count)
    {
        if (scores.Count != graph.Edges.Count) throw new PatchKernelException($"There are {scores.Count:N0} scores for {graph.Edges.Count:N0} edges; give one for each.");
        var bad = scores.Index().Where(score => !float.IsFinite(score.Item)).Select(score => score.Index).FirstOrDefault(-1);
        if (bad >= 0)
            throw new PatchKernelException($"The score of {graph.Edges[bad]} is infinite or not a number, so edges can't be ranked; score them anew, in float32.");
        if (count < 0 || count > graph.Edges.Count) throw new PatchKernelException($"A circuit of {count:N0} edges can't be taken of {graph.Edges.Count:N0}; give a number from 0 to that.");
    }
}
