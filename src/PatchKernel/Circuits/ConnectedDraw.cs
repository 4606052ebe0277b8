namespace PatchKernel.Circuits;

/// <summary>Draws edges with random paths that join them to the embedding and the logits, so that each lies between the two.</summary>
/// <param name="graph">The graph.</param>
/// <param name="random">Draws.</param>
internal sealed class ConnectedDraw(EdgeGraph graph, Random random)
{
    private readonly bool[] live = new bool[graph.Count];
    private readonly bool[] hasInput = [.. graph.Senders.Select((_, sender) => sender == 0)]; // the embedding leads there
    private readonly bool[] isRead = new bool[graph.Senders.Count]; // it leads to the logits

    // Several query heads read a key or value head.
    private readonly ILookup<int, int> readers = Enumerable.Range(0, graph.Senders.Count)
        .SelectMany(sender => graph.ReceiversOf(sender).Select(receiver => (receiver, sender))).ToLookup(each => each.receiver, each => each.sender);

    /// <summary>A circuit of so many edges; fewer where no path is as short as what is left.</summary>
    public Circuit Of(int count)
    {
        var (order, left) = (CircuitDraw.Shuffled(graph, random), count);
        // What didn't fit may be joined by a shorter path the second time.
        foreach (var edge in order.Concat(order))
        {
            if (left == 0) break;
            if (live[edge]) continue;
            int[] path = [.. Path(graph.Places[edge]).Select(graph.IndexAt).Where(step => !live[step])]; // a shared key or value may bring it over an edge that is there
            if (path.Length > left) continue;
            foreach (var step in path) Add(step);
            left -= path.Length;
        }
        return new Circuit(graph, live);
    }

    private void Add(int edge)
    {
        live[edge] = true;
        var place = graph.Places[edge];
        isRead[place.Sender] = true;
        foreach (var reader in readers[place.Receiver]) hasInput[reader] = true;
    }

    /// <summary>An edge, and the edges that join it to what is there.</summary>
    private IEnumerable<EdgePlace> Path(EdgePlace edge)
    {
        yield return edge;
        var sender = edge.Sender;
        while (!hasInput[sender])
        {
            var receiver = OneOf(graph.ReceiversOf(sender));
            sender = random.Next(graph.SendersBefore(receiver));
            yield return new(sender, receiver);
        }
        var read = edge.Receiver;
        while (read < graph.Receivers.Count - 1 && !readers[read].Any(reader => isRead[reader]))
        {
            var reader = OneOf([.. readers[read]]);
            read = OneOf(graph.ReceiversAfter(reader));
            yield return new(reader, read);
        }
    }

    private int OneOf(int[] all) => all[random.Next(all.Length)];
}
