using PatchKernel.Models;
using PatchKernel.Sweeps;

namespace PatchKernel.Circuits;

/// <summary>Edges to patch exactly, in the order in which their rows join the wavefront: by layer, then by sender.</summary>
internal sealed class EdgePlan
{
    // Where all weights are in memory, another group costs next to nothing, and rows that stay in the cache go faster.
    private const long MostRowBytes = 256 << 20;

    private readonly EdgeGraph graph;
    private readonly EdgePlace[] edges;
    private readonly ILookup<(int Layer, ReceiverKind Kind), CellPlace> byReceiver;
    private readonly bool parallel;

    /// <param name="model">The model.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="chosen">The edges.</param>
    /// <param name="lanes">The run that is patched, and the one that the senders come from.</param>
    /// <param name="positions">The positions at which an edge is patched; null for all.</param>
    public EdgePlan(LanguageModel model, EdgeGraph graph, IReadOnlyList<EdgePlace> chosen, IReadOnlyList<Lane> lanes, IReadOnlyList<int>? positions)
    {
        (this.graph, Lanes, parallel) = (graph, lanes, model.Config.Parts.Parallel);
        Order = [.. Enumerable.Range(0, chosen.Count).OrderBy(edge => (graph.ReceiverAt(chosen[edge].Receiver).Layer, chosen[edge].Sender, chosen[edge].Receiver))];
        edges = [.. Order.Select(edge => chosen[edge])];
        byReceiver = edges.Index().ToLookup(edge => (ReceiverOf(edge.Item).Layer, ReceiverOf(edge.Item).Kind), edge => new CellPlace(ReceiverOf(edge.Item).Layer, 0, edge.Index));
        var differ = Lane.FirstDifference(lanes[0], lanes[1]);
        First = positions is null ? differ : positions.Where(pos => pos >= differ).DefaultIfEmpty(Length).Min();
        Task = new SweepTask(0, new PatchValue.FromLane(1), SiteTable.Of(Activation.Z, null), 1);
    }

    /// <summary>For each edge in joining order its index among those that were chosen.</summary>
    public int[] Order { get; }

    /// <summary>The run that is patched, and the one that the senders come from.</summary>
    public IReadOnlyList<Lane> Lanes { get; }

    /// <summary>The runs' tokens.</summary>
    public int Length => Lanes[0].Ids.Count;

    /// <summary>The first position at which an edge changes something; the length where there is none.</summary>
    public int First { get; }

    /// <summary>What the layers are told of the edges.</summary>
    public SweepTask Task { get; }

    /// <summary>The kinds of receivers behind which rows join at a stage.</summary>
    public ReceiverKind[] KindsAt(Stage stage)
    {
        ReceiverKind[] ofAttention = [ReceiverKind.Query, ReceiverKind.Key, ReceiverKind.Value], atEnd = [ReceiverKind.Mlp, ReceiverKind.Logits];
        return stage switch
        {
            Stage.ResidMid => parallel ? [] : ofAttention,
            Stage.ResidPost => parallel ? [.. ofAttention, .. atEnd] : atEnd,
            _ => [],
        };
    }

    /// <summary>The edges to a kind of receiver of a layer.</summary>
    public IEnumerable<CellPlace> In(int layer, ReceiverKind kind) => byReceiver[(layer, kind)];

    /// <summary>An edge's ends.</summary>
    public EdgePlace At(CellPlace edge) => edges[edge.Cell];

    /// <summary>An edge's receiver.</summary>
    public Receiver ReceiverOf(CellPlace edge) => ReceiverOf(edges[edge.Cell]);

    /// <summary>The groups of edges that go through the layers one after another.</summary>
    /// <param name="model">The model.</param>
    /// <param name="memory">What a sweep over as many runs takes.</param>
    /// <param name="room">What there is.</param>
    public IReadOnlyList<CellGroup> Groups(LanguageModel model, SweepMemory memory, MemoryRoom room)
    {
        var rows = memory.OfGroup(room with { Free = room.Free - Differences(model.Config) }, edges.Length + Lanes.Count, model.Weights.MostUnembeddingRows);
        if (model.DeviceMap.Parts.All(part => part.Home == WeightHome.Device)) rows = Math.Min(rows, MostRowBytes);
        // Rows that join a layer are there twice: as they join and as they leave.
        var (last, whole) = (model.Config.NLayers - 1, 2 * SweepMemory.Row(model.Config, Math.Max(1, Length - First)));
        return CellGroup.Plan(edges.Select((edge, cell) => ReceiverOf(edge).Layer).Select((layer, cell) =>
            (new CellPlace(layer, 0, cell), layer < last ? whole : 2 * SweepMemory.Row(model.Config, Lanes[0].Read))), rows);
    }

    /// <summary>Bytes of all senders' differences.</summary>
    public long Differences(ModelConfig config) => sizeof(float) * (long)graph.Senders.Count * (Length - First) * config.DModel;

    private Receiver ReceiverOf(EdgePlace edge) => graph.ReceiverAt(edge.Receiver);
}
