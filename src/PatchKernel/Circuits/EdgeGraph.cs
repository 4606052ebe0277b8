namespace PatchKernel.Circuits;

/// <summary>The graph of a model's components: who writes into the stream, who reads it, and which edges there are.</summary>
/// <remarks>
/// Senders are the embedding, each head and each MLP; receivers each head's query, key and value (one a key/value head), each MLP, and the logits. Hanna et al. 2024,
/// arXiv:2403.17806.
/// </remarks>
internal sealed class EdgeGraph
{
    private readonly ModelConfig config;

    /// <summary>The graph of a model of a shape.</summary>
    public EdgeGraph(ModelConfig config)
    {
        this.config = config;
        int[] layers = [.. Enumerable.Range(0, config.NLayers)];
        Senders = ["embed", .. layers.SelectMany(layer => (IEnumerable<string>)[.. Names(layer, "head", config.NHeads), $"L{layer}.mlp"])];
        Receivers =
        [
            .. layers.SelectMany(layer => (IEnumerable<string>)
                [.. Names(layer, "q", config.NHeads), .. Names(layer, "k", config.NKeyValueHeads), .. Names(layer, "v", config.NKeyValueHeads), $"L{layer}.mlp"]),
            "logits",
        ];
        Edges = [.. Enumerable.Range(0, Receivers.Count).SelectMany(receiver => Enumerable.Range(0, SendersBefore(receiver)).Select(sender => new Edge(sender, receiver)))];
    }

    /// <summary>The senders' names, in the order of computation.</summary>
    public IReadOnlyList<string> Senders { get; }

    /// <summary>The receivers' names, in the order of computation.</summary>
    public IReadOnlyList<string> Receivers { get; }

    /// <summary>The edges, by receiver.</summary>
    public IReadOnlyList<Edge> Edges { get; }

    /// <summary>Senders of a layer: its heads and its MLP.</summary>
    public int SendersPerLayer => config.NHeads + 1;

    /// <summary>Receivers of a layer: queries, keys, values and the MLP.</summary>
    public int ReceiversPerLayer => config.NHeads + 2 * config.NKeyValueHeads + 1;

    /// <summary>How many senders, the first ones, are computed before a receiver reads the stream.</summary>
    public int SendersBefore(int receiver)
    {
        var (layer, place) = Math.DivRem(receiver, ReceiversPerLayer);
        var before = 1 + layer * SendersPerLayer;
        // A layer's heads come before its MLP, unless the two run in parallel.
        return layer < config.NLayers && place == ReceiversPerLayer - 1 && !config.Parts.Parallel ? before + config.NHeads : before;
    }

    /// <summary>An edge's two names.</summary>
    public (string Sender, string Receiver) NamesOf(Edge edge) => (Senders[edge.Sender], Receivers[edge.Receiver]);

    private static IEnumerable<string> Names(int layer, string kind, int count) => Enumerable.Range(0, count).Select(head => $"L{layer}.{kind}.{head}");
}

/// <summary>An edge of the graph.</summary>
/// <param name="Sender">The sender's place.</param>
/// <param name="Receiver">The receiver's place.</param>
internal readonly record struct Edge(int Sender, int Receiver);
