namespace PatchKernel.Circuits;

/// <summary>The components that some edges touch: whoever writes into the stream, the heads' inputs that read it, and which input is which head's.</summary>
internal sealed class CircuitParts
{
    private readonly EdgeGraph graph;
    private readonly SortedDictionary<(int Layer, int Place), CircuitNode> nodes = [];
    private readonly SortedDictionary<int, CircuitInput> inputs = [];

    /// <summary>The components of some edges.</summary>
    /// <exception cref="PatchKernelException">There is no edge, the graph lacks one, one is there twice, or a score isn't a number.</exception>
    public CircuitParts(EdgeGraph graph, IReadOnlyList<ScoredEdge> edges)
    {
        this.graph = graph;
        if (edges.Count == 0) throw new PatchKernelException("This circuit has no edges, so there is nothing to draw; take more edges, or a lower threshold.");
        var seen = new HashSet<Edge>();
        foreach (var (edge, score, exact) in edges)
        {
            var (sender, receiver) = graph.Places[graph.IndexOf(edge)];
            if (!seen.Add(edge)) throw new PatchKernelException($"The edge {edge} is there twice; give each edge once.");
            if (!float.IsFinite(score) || exact is { } known && !float.IsFinite(known))
                throw new PatchKernelException($"The score of {edge} is not a number; leave the edge out, or give a number.");
            Add(SenderAt(sender));
            AddReceiver(receiver);
        }
    }

    /// <summary>The components, in the order of computation.</summary>
    public IReadOnlyList<CircuitNode> Nodes => [.. nodes.Values];

    /// <summary>The heads' inputs, in the order of computation.</summary>
    public IReadOnlyList<CircuitInput> Inputs => [.. inputs.Values];

    /// <summary>Inputs and the heads that they belong to, of those that some edge touches.</summary>
    public IEnumerable<(CircuitInput Input, CircuitNode Head)> Links =>
        from input in inputs.Values
        from head in Heads(input)
        where nodes.ContainsKey((input.Layer, head))
        select (input, nodes[(input.Layer, head)]);

    /// <summary>Whether several heads share a key and a value.</summary>
    public bool IsGrouped => graph.NKeyValueHeads < graph.NHeads;

    /// <summary>Whether a layer's MLP doesn't see its heads.</summary>
    public bool IsParallel => graph.SendersBefore(graph.ReceiversPerLayer - 1) == 1;

    /// <summary>The heads that an input belongs to: one, or a group of them.</summary>
    public IEnumerable<int> Heads(CircuitInput input)
    {
        var group = input.Kind == ReceiverKind.Query ? 1 : graph.NHeads / graph.NKeyValueHeads;
        return Enumerable.Range(input.Head * group, group);
    }

    private CircuitNode SenderAt(int sender)
    {
        if (sender == 0) return new(graph.Senders[0], NodeKind.Embedding, -1, 0);
        var (layer, place) = Math.DivRem(sender - 1, graph.SendersPerLayer);
        return place < graph.NHeads ? Head(layer, place) : new(graph.Senders[sender], NodeKind.Mlp, layer, graph.NHeads);
    }

    private void AddReceiver(int receiver)
    {
        var (layer, kind, head) = graph.ReceiverAt(receiver);
        var name = graph.Receivers[receiver];
        if (kind == ReceiverKind.Mlp) Add(new(name, NodeKind.Mlp, layer, graph.NHeads));
        else if (kind == ReceiverKind.Logits) Add(new(name, NodeKind.Logits, graph.NLayers, 0));
        else
        {
            inputs[receiver] = new(name, layer, kind, head);
            if (kind == ReceiverKind.Query || !IsGrouped) Add(Head(layer, head));
        }
    }

    private CircuitNode Head(int layer, int head) => new(graph.Senders[1 + layer * graph.SendersPerLayer + head], NodeKind.Head, layer, head);

    private void Add(CircuitNode node) => nodes[(node.Layer, node.Place)] = node;
}

/// <summary>A component of a circuit.</summary>
/// <param name="Name">Its name as an edge's end; a head's is the sender's.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">Its layer; the embedding's is −1, and the logits' one more than the last.</param>
/// <param name="Place">Its place in the layer: a head's number, and the MLP's after all heads'.</param>
internal sealed record CircuitNode(string Name, NodeKind Kind, int Layer, int Place)
{
    /// <summary>Its names in a picture, the longest first: those after it where its layer, or its column too, is written beside it.</summary>
    public IReadOnlyList<string> Labels => Kind switch
    {
        NodeKind.Head => [$"L{Layer}.h{Place}", $"h{Place}", $"{Place}"],
        NodeKind.Mlp => [Name, "mlp", "m"],
        _ => [Name],
    };
}

/// <summary>The kinds of components, in the order of computation.</summary>
internal enum NodeKind
{
    /// <summary>The tokens' embeddings.</summary>
    Embedding,

    /// <summary>An attention head.</summary>
    Head,

    /// <summary>An MLP.</summary>
    Mlp,

    /// <summary>The final norm, whose output is unembedded.</summary>
    Logits,
}

/// <summary>What a head reads the stream by.</summary>
/// <param name="Name">Its name as an edge's receiver.</param>
/// <param name="Layer">Its layer.</param>
/// <param name="Kind">Query, key or value.</param>
/// <param name="Head">Of a query the head, of a key or value the key/value head.</param>
internal sealed record CircuitInput(string Name, int Layer, ReceiverKind Kind, int Head)
{
    /// <summary>Its letter.</summary>
    public string Letter => Kind switch { ReceiverKind.Query => "q", ReceiverKind.Key => "k", _ => "v" };
}
