using PatchKernel.Circuits;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>The graph of a model's components: who writes into the stream, who reads it, and which edges there are.</summary>
/// <remarks>
/// Senders are the embedding, each head and each MLP; receivers each head's query, key and value (one a key/value head), each MLP, and the logits, which read by the
/// final norm. An edge exists where the sender is computed before the receiver. Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"; Hanna et al.
/// 2024, arXiv:2403.17806. What belongs to no sender, such as attention's output bias, is never patched.
/// </remarks>
public sealed class EdgeGraph
{
    /// <summary>The most edges that a file is believed to have: Llama 3.3 70B has 17 million.</summary>
    internal const int MostOfFile = 20_000_000;

    /// <summary>The most layers, or heads of one, that a file is believed to have.</summary>
    internal const int MostLayersOrHeads = 10_000;

    /// <summary>The most that is believed of a file of edges: 1.6 million with an interval each, or 3 million without.</summary>
    internal static readonly JsonLimit FileLimit = new(Bytes: 500_000_000, Values: 25_000_000);

    private readonly Dictionary<string, int> senders, receivers;
    private readonly int[] firsts; // each receiver's first edge
    private EdgePlace[]? places; // these two are made once they are asked for: of a large model there are millions
    private Edge[]? edges;

    /// <summary>The graph of a model.</summary>
    /// <param name="config">The model's shape.</param>
    public EdgeGraph(ModelConfig config) : this(config.NLayers, config.NHeads, config.NKeyValueHeads, config.Parts.Parallel)
    {
    }

    internal EdgeGraph(int nLayers, int nHeads, int nKeyValueHeads, bool isParallel)
    {
        (NLayers, NHeads, NKeyValueHeads, IsParallel) = (nLayers, nHeads, nKeyValueHeads, isParallel);
        int[] layers = [.. Enumerable.Range(0, NLayers)];
        Senders = ["embed", .. layers.SelectMany(layer => (IEnumerable<string>)[.. Names(layer, "head", NHeads), $"L{layer}.mlp"])];
        Receivers =
        [
            .. layers.SelectMany(layer => (IEnumerable<string>)
                [.. Names(layer, "q", NHeads), .. Names(layer, "k", NKeyValueHeads), .. Names(layer, "v", NKeyValueHeads), $"L{layer}.mlp"]),
            "logits",
        ];
        (senders, receivers) = (PlacesOf(Senders), PlacesOf(Receivers));
        firsts = new int[Receivers.Count];
        for (var receiver = 1; receiver < firsts.Length; receiver++) firsts[receiver] = firsts[receiver - 1] + SendersBefore(receiver - 1);
    }

    /// <summary>The senders' names, in the order of computation.</summary>
    public IReadOnlyList<string> Senders { get; }

    /// <summary>The receivers' names, in the order of computation.</summary>
    public IReadOnlyList<string> Receivers { get; }

    /// <summary>The edges, by receiver.</summary>
    public IReadOnlyList<Edge> Edges => edges ??= [.. Places.Select(place => new Edge(Senders[place.Sender], Receivers[place.Receiver]))];

    /// <summary>An edge's place among <see cref="Edges"/>.</summary>
    /// <param name="edge">The edge.</param>
    /// <exception cref="PatchKernelException">There is no such edge.</exception>
    public int IndexOf(Edge edge) =>
        senders.TryGetValue(edge.Sender ?? "", out var sender) && receivers.TryGetValue(edge.Receiver ?? "", out var receiver) && sender < SendersBefore(receiver)
            ? IndexAt(new EdgePlace(sender, receiver))
            : throw Missing(edge);

    /// <summary>The number of edges, senders and receivers.</summary>
    public override string ToString() => FormattableString.Invariant($"{Count:N0} edges from {Senders.Count:N0} senders to {Receivers.Count:N0} receivers");

    internal int NLayers { get; }

    internal int NHeads { get; }

    internal int NKeyValueHeads { get; }

    /// <summary>Whether attention and MLP run in parallel, so that a layer's MLP doesn't see its heads.</summary>
    internal bool IsParallel { get; }

    /// <summary>The edges as places of senders and receivers.</summary>
    internal IReadOnlyList<EdgePlace> Places => places ??= EachPlace();

    /// <summary>How many edges there are.</summary>
    internal int Count => firsts[^1] + SendersBefore(firsts.Length - 1);

    /// <summary>Senders of a layer: its heads and its MLP.</summary>
    internal int SendersPerLayer => NHeads + 1;

    /// <summary>Receivers of a layer: queries, keys, values and the MLP.</summary>
    internal int ReceiversPerLayer => NHeads + 2 * NKeyValueHeads + 1;

    /// <summary>The edge's place among <see cref="Edges"/>, of one that exists.</summary>
    internal int IndexAt(EdgePlace place) => firsts[place.Receiver] + place.Sender;

    /// <summary>Whether another graph has the same edges.</summary>
    internal bool IsLike(EdgeGraph other) =>
        (NLayers, NHeads, NKeyValueHeads, IsParallel) == (other.NLayers, other.NHeads, other.NKeyValueHeads, other.IsParallel);

    /// <summary>How many edges a graph has; it may be one that no memory holds.</summary>
    internal static double CountOf(int nLayers, int nHeads, int nKeyValueHeads, bool isParallel)
    {
        double layers = nLayers, ofLayer = nHeads + 1.0;
        // Before a layer's attention there are 1 + layer · ofLayer senders.
        var beforeAll = layers + ofLayer * layers * (layers - 1) / 2;
        return (nHeads + 2.0 * nKeyValueHeads + 1) * beforeAll + (isParallel ? 0 : layers * nHeads) + 1 + layers * ofLayer;
    }

    /// <summary>The receivers that read the stream after a sender has written into it.</summary>
    internal int[] ReceiversAfter(int sender) => [.. Enumerable.Range(0, Receivers.Count).Where(receiver => SendersBefore(receiver) > sender)];

    /// <summary>How many senders, the first ones, are computed before a receiver reads the stream.</summary>
    internal int SendersBefore(int receiver)
    {
        var (layer, place) = Math.DivRem(receiver, ReceiversPerLayer);
        var before = 1 + layer * SendersPerLayer;
        // A layer's heads come before its MLP, unless the two run in parallel.
        return layer < NLayers && place == ReceiversPerLayer - 1 && !IsParallel ? before + NHeads : before;
    }

    /// <summary>What a sender reads: a head its query, key and value, an MLP its input, the embedding nothing.</summary>
    internal int[] ReceiversOf(int sender)
    {
        if (sender == 0) return [];
        var (layer, place) = Math.DivRem(sender - 1, SendersPerLayer);
        var first = layer * ReceiversPerLayer;
        if (place == NHeads) return [first + ReceiversPerLayer - 1];
        var keyValueHead = place / (NHeads / NKeyValueHeads);
        return [first + place, first + NHeads + keyValueHead, first + NHeads + NKeyValueHeads + keyValueHead];
    }

    /// <summary>What a receiver is.</summary>
    internal Receiver ReceiverAt(int receiver)
    {
        var (layer, place) = Math.DivRem(receiver, ReceiversPerLayer);
        if (layer == NLayers) return new(NLayers - 1, ReceiverKind.Logits, 0);
        return place < NHeads ? new(layer, ReceiverKind.Query, place)
            : place < NHeads + NKeyValueHeads ? new(layer, ReceiverKind.Key, place - NHeads)
            : place < NHeads + 2 * NKeyValueHeads ? new(layer, ReceiverKind.Value, place - NHeads - NKeyValueHeads)
            : new(layer, ReceiverKind.Mlp, 0);
    }

    private PatchKernelException Missing(Edge edge)
    {
        var (sender, receiver) = (Excerpt.Text(edge.Sender ?? ""), Excerpt.Text(edge.Receiver ?? ""));
        if (!senders.ContainsKey(edge.Sender ?? "")) return new($"There is no sender '{sender}'; there are embed, heads such as {Senders[1]}, and MLPs such as L0.mlp.");
        if (!receivers.ContainsKey(edge.Receiver ?? ""))
            return new($"There is no receiver '{receiver}'; there are queries, keys and values of heads such as L0.q.0, L0.k.0 and L0.v.0, MLPs such as L0.mlp, and logits.");
        return new($"There is no edge from {sender} to {receiver}, which reads the stream before {sender} has written into it; name an earlier sender.");
    }

    private EdgePlace[] EachPlace()
    {
        var all = new EdgePlace[Count];
        for (int receiver = 0, at = 0; receiver < Receivers.Count; receiver++)
            for (var sender = 0; sender < SendersBefore(receiver); sender++) all[at++] = new(sender, receiver);
        return all;
    }

    private static Dictionary<string, int> PlacesOf(IReadOnlyList<string> names) => names.Index().ToDictionary(name => name.Item, name => name.Index);

    private static IEnumerable<string> Names(int layer, string kind, int count) => Enumerable.Range(0, count).Select(head => $"L{layer}.{kind}.{head}");
}
