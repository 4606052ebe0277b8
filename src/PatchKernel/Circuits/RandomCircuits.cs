namespace PatchKernel.Circuits;

/// <summary>Circuits of edges drawn at random: what chance does.</summary>
/// <param name="graph">The graph.</param>
/// <param name="seed">Of the draw.</param>
internal sealed class RandomCircuits(EdgeGraph graph, int seed)
{
    private readonly Random random = new(seed);

    /// <summary>Circuits of several sizes; a smaller one's edges are in the larger ones.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">Of the draw.</param>
    /// <param name="connected">
    /// Whether each edge comes with a random path that joins it to the embedding and the logits; of the last edge's path some may be beyond the size. Else edges are drawn anywhere,
    /// and of a few most lead nowhere.
    /// </param>
    /// <param name="counts">How many edges.</param>
    public static Circuit[] Of(EdgeGraph graph, int seed, bool connected, params IReadOnlyList<int> counts)
    {
        var drawn = new RandomCircuits(graph, seed);
        int[] edges = [.. (connected ? drawn.Connected() : drawn.Shuffled()).Take(counts.Max())];
        return [.. counts.Select(OfFirst)];

        Circuit OfFirst(int count)
        {
            var live = new bool[graph.Count];
            foreach (var edge in edges.Take(count)) live[edge] = true;
            return new Circuit(graph, live);
        }
    }

    private int[] Shuffled()
    {
        int[] edges = [.. Enumerable.Range(0, graph.Count)];
        random.Shuffle(edges);
        return edges;
    }

    /// <summary>All edges, each after or before the path that joins it.</summary>
    private IEnumerable<int> Connected()
    {
        var (isTaken, hasInput, isRead) = (new bool[graph.Count], new bool[graph.Senders.Count], new bool[graph.Senders.Count]);
        hasInput[0] = true;
        var readers = Enumerable.Range(0, graph.Senders.Count).SelectMany(sender => graph.ReceiversOf(sender).Select(receiver => (receiver, sender))).ToLookup(each => each.receiver, each => each.sender);
        foreach (var drawn in Shuffled())
        {
            var path = new LinkedList<int>([drawn]); // from the logits' side
            for (var sender = graph.Places[drawn].Sender; !hasInput[sender];)
            {
                (hasInput[sender], isRead[sender]) = (true, true);
                var receiver = OneOf(graph.ReceiversOf(sender));
                path.AddLast(graph.IndexAt(new EdgePlace(sender = random.Next(graph.SendersBefore(receiver)), receiver)));
            }
            isRead[graph.Places[path.Last!.Value].Sender] = true;
            for (var receiver = graph.Places[drawn].Receiver; receiver < graph.Receivers.Count - 1;)
            {
                foreach (var reader in readers[receiver]) hasInput[reader] = true;
                if (readers[receiver].Any(reader => isRead[reader])) break;
                var sender = OneOf([.. readers[receiver]]);
                isRead[sender] = true;
                path.AddFirst(graph.IndexAt(new EdgePlace(sender, receiver = OneOf([.. Enumerable.Range(0, graph.Receivers.Count).Where(later => graph.SendersBefore(later) > sender)]))));
            }
            foreach (var edge in path.Where(edge => !isTaken[edge]))
            {
                isTaken[edge] = true;
                yield return edge;
            }
        }
    }

    private T OneOf<T>(T[] all) => all[random.Next(all.Length)];
}
