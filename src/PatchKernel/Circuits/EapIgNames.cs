namespace PatchKernel.Circuits;

/// <summary>Edges and nodes as EAP-IG calls them, in the order of its files.</summary>
/// <param name="graph">The model's graph.</param>
internal sealed class EapIgNames(EdgeGraph graph)
{
    private Dictionary<string, int>? senders, receivers; // made once one is looked for

    /// <summary>Its edges and what they are here; a key or value head's come once for each query head that reads it.</summary>
    public IReadOnlyList<(string Name, Edge Edge)> Edges
    {
        get
        {
            List<(string, Edge)> edges = [];
            // Layer by layer: from each sender to the queries, keys and values of all heads, then from each to the MLP; at last to the logits.
            foreach (var block in Receivers.GroupBy(receiver => (graph.ReceiverAt(receiver.Receiver).Layer, Kind: receiver.Theirs[0])))
                for (var sender = 0; sender < graph.SendersBefore(block.First().Receiver); sender++)
                    edges.AddRange(block.Select(receiver => ($"{NodeOf(graph.Senders[sender])}->{receiver.Theirs}", new Edge(graph.Senders[sender], graph.Receivers[receiver.Receiver]))));
            return edges;
        }
    }

    /// <summary>The edge that a name is of, or null where the graph has none: a graph may have millions, and a file few.</summary>
    public Edge? Find(string name)
    {
        senders ??= graph.Senders.Index().ToDictionary(sender => NodeOf(sender.Item), sender => sender.Index);
        receivers ??= Receivers.ToDictionary(receiver => receiver.Theirs, receiver => receiver.Receiver);
        return name.Split("->") is [var from, var to] && senders.TryGetValue(from, out var sender) && receivers.TryGetValue(to, out var receiver) && sender < graph.SendersBefore(receiver)
            ? new Edge(graph.Senders[sender], graph.Receivers[receiver]) : null;
    }

    /// <summary>Its nodes, and whether each is an end of some edges.</summary>
    public IReadOnlyList<(string Name, bool InGraph)> Nodes(IReadOnlyCollection<Edge> edges)
    {
        var theirs = Receivers.ToLookup(receiver => graph.Receivers[receiver.Receiver], receiver => receiver.Theirs.Split('<')[0]);
        var ends = edges.SelectMany(edge => theirs[edge.Receiver].Append(NodeOf(edge.Sender))).ToHashSet();
        return [.. graph.Senders.Select(NodeOf).Append("logits").Select(name => (name, name == "logits" || ends.Contains(name)))];
    }

    private IEnumerable<(string Theirs, int Receiver)> Receivers
    {
        get
        {
            var group = graph.NHeads / graph.NKeyValueHeads;
            for (var layer = 0; layer < graph.NLayers; layer++)
            {
                var first = layer * graph.ReceiversPerLayer;
                for (var head = 0; head < graph.NHeads; head++)
                {
                    yield return ($"a{layer}.h{head}<q>", first + head);
                    yield return ($"a{layer}.h{head}<k>", first + graph.NHeads + head / group);
                    yield return ($"a{layer}.h{head}<v>", first + graph.NHeads + graph.NKeyValueHeads + head / group);
                }
                yield return ($"m{layer}", first + graph.ReceiversPerLayer - 1);
            }
            yield return ("logits", graph.Receivers.Count - 1);
        }
    }

    private static string NodeOf(string sender) => sender.Split('.') switch
    {
        [var layer, "mlp"] => $"m{layer[1..]}",
        [var layer, _, var head] => $"a{layer[1..]}.h{head}",
        _ => "input",
    };
}
