using PatchKernel.Models;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Every cell of a sweep in one pass through the layers, or in as few as memory allows.</summary>
/// <remarks>
/// A row is one cell's run, from the first position that its patch changes on. It joins when its layer is reached: up to there it is the base
/// run. It reads the base run's keys and values before its start. The lanes, which are the unpatched runs, go through each layer with the rows,
/// so that every weight is read once, and nothing is kept from one layer to the next but the stream. In the last layer only positions whose
/// logits are read get queries and an MLP, unless a mean over positions needs all.
/// Where the rows of all cells don't fit in memory, groups of cells follow one another. A later group begins in the layer that its first cell patches,
/// with the lanes as the group before left them there, so the layers before are neither computed nor read again.
/// On a GPU it is the same code: no number comes back to the host before the last layer, then one array a metric.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="lanes">The unpatched runs.</param>
/// <param name="tasks">The sweeps whose cells are rows; none where the rows are something else's.</param>
/// <param name="joins">Where the rows come from.</param>
internal sealed class Wavefront(LanguageModel model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks, IRowJoins joins)
{
    /// <summary>All cells of some sweeps.</summary>
    public Wavefront(LanguageModel model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks) : this(model, lanes, tasks, new CellJoins(model.Config, lanes, tasks))
    {
    }

    /// <summary>The method's name in result files.</summary>
    public const string Name = "wavefront";

    /// <summary>Runs the sweep.</summary>
    /// <param name="groups">The cells, in the order in which they join.</param>
    /// <param name="read">
    /// Receives the last layer's stream after each group: that of every cell whose patch changes something, and after the first group those of the lanes, in
    /// front. Freed afterwards.
    /// </param>
    /// <param name="progress">Receives, after each layer, the share of the layers done, from 0 to 1.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    public void Run(IReadOnlyList<CellGroup> groups, Action<List<Rows>> read, Action<double> progress, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var layers = model.Config.NLayers;
        var (done, total) = (0, Enumerable.Range(0, groups.Count).Sum(index => layers - Begin(index)));
        List<Rows> entering = [.. lanes.Select((lane, index) => new Rows(index, -1, 0, [], Embed(lane).DetachFromDisposeScope()))];
        try
        {
            for (var index = 0; index < groups.Count; index++)
            {
                using var groupScope = NewDisposeScope();
                var rows = entering;
                entering = [];
                foreach (var lane in rows) groupScope.Attach(lane.Resid);
                Device? device = null;
                var rotations = new Dictionary<ValueTuple<RopeConfig?>, RunRotations>(); // on the device
                for (var layer = Begin(index); layer < layers; layer++)
                {
                    cancel.ThrowIfCancellationRequested();
                    var runsOn = model.DeviceMap.Layer(layer).RunsOn;
                    if (device?.IsSame(runsOn) != true) (rows, device, rotations) = (Moved(rows, runsOn), runsOn, []);
                    if (index + 1 < groups.Count && layer == groups[index + 1].From.Layer) entering = Kept(rows);
                    rows = Through(layer, rows, RotationOf(layer, rotations), groups[index]);
                    if (groups.Count > 1) TorchRuntime.GiveBackFreedMemory(); // else it grows beyond what the groups were planned with
                    progress((double)++done / total);
                }
                rows = Moved(rows, model.DeviceMap.Head.RunsOn);
                read(index == 0 ? rows : [.. rows.SkipWhile(group => group.IsLane)]);
            }
        }
        finally
        {
            foreach (var lane in entering) lane.Resid.Dispose();
            model.Weights.EndPass();
        }

        // The lanes are at the embeddings, even where no cell joins before a later layer.
        int Begin(int index) => index == 0 ? 0 : groups[index].From.Layer;
    }

    /// <summary>A layer's rotation; layers of one device and rotary embedding share it.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="rotations">Those of the device; the key is a tuple since a layer may have no rotary embedding.</param>
    private RunRotations RotationOf(int layer, Dictionary<ValueTuple<RopeConfig?>, RunRotations> rotations)
    {
        var rope = ValueTuple.Create(model.Config.PositionsOf(layer).Rope);
        if (!rotations.TryGetValue(rope, out var rotation)) rotations.Add(rope, rotation = new RunRotations(model, layer, lanes.Select(lane => lane.Ids.Count)));
        return rotation;
    }

    private static List<Rows> Moved(List<Rows> rows, Device device)
    {
        List<Rows> moved = [.. rows.Select(group => group with { Resid = group.Resid.to(device) })];
        foreach (var group in rows) group.Resid.Dispose();
        return moved;
    }

    /// <summary>The lanes as they enter a layer, for the group that begins there; the next one's to free.</summary>
    private static List<Rows> Kept(List<Rows> rows) =>
        [.. rows.TakeWhile(group => group.IsLane).Select(lane => lane with { Resid = lane.Resid.clone().DetachFromDisposeScope() })];

    /// <summary>Takes rows through a layer, with those of a group that join there; frees the rows that entered, as early as they have gone through.</summary>
    private List<Rows> Through(int layer, List<Rows> rows, RunRotations rotation, CellGroup group)
    {
        const int most = LayerPass.MostPositions;
        using var scope = NewDisposeScope();
        using var pass = new LayerPass(model, layer, rotation, tasks, lanes, [.. rows.TakeWhile(part => part.IsLane)]);
        var joining = joins.Of(Stage.ResidPre, layer, pass, group).Select(join => pass.AddRows(join, Activation.ResidPre));
        List<Rows> leaving = [];
        foreach (var slice in Rows.Slices(Rows.Merge([.. rows, .. joining], most), most))
        {
            // Rows that join within the layer need what all lanes have there.
            var allLanes = slice.Parts.Any(part => part.IsLane && part.Lane == lanes.Count - 1);
            leaving.AddRange(pass.Forward(slice.Parts, allLanes ? () => joins.Of(Stage.ResidMid, layer, pass, group) : null));
            slice.Free();
        }
        leaving.AddRange(joins.Of(Stage.ResidPost, layer, pass, group).Select(join => pass.AddRows(join, Activation.ResidPost)));
        leaving = Rows.Merge(leaving, most);
        foreach (var part in leaving) scope.MoveToOuter(part.Resid);
        return leaving;
    }

    private Tensor Embed(Lane lane)
    {
        using var scope = NewDisposeScope();
        var embedded = model.Embed(lane.Ids);
        return scope.MoveToOuter(lane.Noise is null ? embedded : embedded.Plus(lane.Noise));
    }
}
