using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>One layer, for slices of rows; the first slice begins with the lanes, whose keys and values all other rows read.</summary>
internal sealed class LayerPass : IDisposable
{
    // In a small layer calls cost more than arithmetic: rows start at every fourth position, a few of them computed again, so that there are fewer groups.
    private const int SmallGrain = 4;

    // The most packed positions that are computed at once: it bounds a layer's temporaries.
    internal const int MostPositions = 1024;

    private readonly ModelConfig config;
    private readonly IReadOnlyList<SweepTask> tasks;
    private readonly Device device;
    private readonly Lease lease;
    private readonly Block block;
    private readonly WindowPatch window;
    private readonly RunRotations rotation;
    private readonly int[] lengths; // of the lanes
    private readonly bool last;
    private readonly int grain;

    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="rotation">The rotary embedding at every position of the lanes, on the layer's device.</param>
    /// <param name="tasks">The sweeps.</param>
    /// <param name="lanes">The unpatched runs.</param>
    /// <param name="laneRows">Their rows, in order, on the layer's device.</param>
    public LayerPass(LanguageModel model, int layer, RunRotations rotation, IReadOnlyList<SweepTask> tasks, IReadOnlyList<Lane> lanes, IReadOnlyList<Rows> laneRows)
    {
        (config, this.tasks, device, this.rotation) = (model.Config, tasks, model.DeviceMap.Layer(layer).RunsOn, rotation);
        lease = model.Weights.Layer(layer);
        block = new Block(config, layer, lease.Weights);
        lengths = [.. lanes.Select(lane => lane.Ids.Count)];
        grain = Grain(config);
        last = layer == config.NLayers - 1 && !tasks.Any(task => task.Value.ReadsEveryPosition);
        Lanes = [.. laneRows.Select(rows => new LaneActivations(lanes[rows.Lane].Prompt, last ? lanes[rows.Lane].Prompt - 1 : 0) { [Activation.ResidPre] = rows.Packed })];
        window = new WindowPatch(tasks, config, layer, Lanes);
    }

    /// <summary>The layer's device.</summary>
    public Device Device => device;

    /// <summary>Rows start at multiples of this position.</summary>
    public static int Grain(ModelConfig config) => ComputeThreads.IsSmall(config) ? SmallGrain : 1;

    /// <summary>Every lane's activations in this layer, as far as they are computed.</summary>
    public LaneActivations[] Lanes { get; }

    /// <summary>The layer as a sweep's site sees it.</summary>
    public LayerView View(SweepTask task, int length, int first, Func<int, bool> wanted) =>
        new(config, block, task, Lanes, rotation.Of(length), first, wanted);

    /// <summary>Takes rows through the layer.</summary>
    /// <param name="slice">The rows, with the stream that enters the layer.</param>
    /// <param name="starts">Gives the rows that join in front of the MLP; null where none may. Every lane is in this slice or was in one before.</param>
    /// <returns>The rows with the stream that leaves the layer; in the last layer of the positions alone that are read.</returns>
    public List<Rows> Forward(IReadOnlyList<Rows> slice, Func<IEnumerable<Rows>>? starts)
    {
        using var scope = NewDisposeScope();
        var rows = new SliceRows(this, slice);
        var halfway = block.AddAttention(cat([.. slice.Select(part => part.Packed)]), rows);
        // Joining rows share this slice's MLP while they fit, at least half a slice of them; the rest follow in waves.
        var room = Math.Max(MostPositions - (int)halfway.Stream.shape[0], MostPositions / 2);
        var waves = Rows.Waves(starts?.Invoke() ?? [], room, MostPositions);
        var leaving = AddMlp(halfway, rows, waves[0]);
        foreach (var wave in waves.Skip(1)) leaving.AddRange(AddMlp(Halfway.Of(halfway.Stream.narrow(0, 0, 0)), new SliceRows(this, []), wave));
        foreach (var group in leaving) scope.MoveToOuter(group.Resid);
        return leaving;
    }

    private List<Rows> AddMlp(Halfway halfway, SliceRows rows, List<Rows> joining)
    {
        using var scope = NewDisposeScope();
        var residPost = block.AddMlp(joining.Count == 0 ? halfway : Halfway.Of(cat([halfway.Stream, .. joining.Select(join => join.Packed)])), rows);
        List<Rows> leaving = [.. rows.Slice, .. joining];
        foreach (var (index, resid) in Views(residPost, leaving, Queries).Index())
        {
            var group = leaving[index];
            group = group with { Start = group.Start + group.Positions - Queries(group), Resid = resid };
            leaving[index] = index < rows.Slice.Count ? group : AddRows(group, Activation.ResidPost);
            scope.MoveToOuter(leaving[index].Resid);
        }
        return leaving;
    }

    /// <summary>Lets go of the layer's weights and the lanes' activations.</summary>
    public void Dispose()
    {
        lease.Dispose();
        foreach (var lane in Lanes) lane.Dispose();
    }

    /// <summary>Whether lanes keep an activation: what is large, only where a site reads it.</summary>
    private bool Keeps(Activation activation) => activation is not (Activation.Pattern or Activation.MlpPost) || tasks.Any(task => task.Site.Reads(activation));

    private static int All(Rows rows) => rows.Positions;

    private int Queries(Rows rows) => rows.Positions - Math.Max(0, Lanes[rows.Lane].QueryStart - rows.Start);

    /// <summary>Each group's part of a packed tensor, [runs, positions, …]; views.</summary>
    private static List<Tensor> Views(Tensor packed, IReadOnlyList<Rows> slice, Func<Rows, int> positions)
    {
        List<Tensor> views = [];
        long offset = 0;
        foreach (var rows in slice)
        {
            var count = rows.Count * positions(rows);
            views.Add(packed.narrow(0, offset, count).view([rows.Count, positions(rows), .. packed.shape[1..]]));
            offset += count;
        }
        return views;
    }

    /// <summary>Rows that join, with the base run's stream at the positions around what they changed.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="stream">Which stream they join in.</param>
    public Rows AddRows(Rows rows, Activation stream)
    {
        using var scope = NewDisposeScope();
        var lane = Lanes[rows.Lane];
        var start = Math.Max(lane.Offset(stream), rows.Start - rows.Start % grain);
        var end = rows.Start + rows.Positions;
        var length = lane.Offset(stream) + (int)lane[stream].shape[0];
        var resid = cat([.. start < rows.Start ? [BaseRun(start, rows.Start)] : (Tensor[])[], rows.Resid, BaseRun(end, length)], 1);
        return rows with { Start = start, Resid = scope.MoveToOuter(resid) };

        Tensor BaseRun(int from, int to) => lane[stream].narrow(0, from - lane.Offset(stream), to - from).expand(rows.Count, -1, -1);
    }

    /// <summary>A slice's rows in the block. What they compute is the engine's own, so patches of a window are written into it.</summary>
    private sealed class SliceRows(LayerPass pass, IReadOnlyList<Rows> slice) : IBlockRows
    {
        public IReadOnlyList<Rows> Slice => slice;

        // No slice is so large that its hidden units would have to be computed in parts.
        public bool Wants(Activation activation) => true;

        /// <summary>Keeps the lanes' part, and patches the rows whose window goes on.</summary>
        public Tensor Visit(Activation activation, Tensor packed)
        {
            if (activation != Activation.ResidPre && pass.Keeps(activation))
            {
                var views = Views(packed, slice, activation is Activation.K or Activation.V ? All : pass.Queries);
                foreach (var (rows, value) in slice.TakeWhile(rows => rows.IsLane).Zip(views)) pass.Lanes[rows.Lane][activation] = value[0];
            }
            pass.window.Apply(activation, slice, packed);
            return packed;
        }

        public Tensor Queried(Tensor packed)
        {
            if (!pass.last) return packed;
            using var scope = NewDisposeScope();
            return scope.MoveToOuter(cat([.. Views(packed, slice, All).Zip(slice, (value, rows) => value.narrow(1, rows.Positions - pass.Queries(rows), pass.Queries(rows)).flatten(0, 1))]));
        }

        public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v)
        {
            using var scope = NewDisposeScope();
            List<Tensor> parts = [];
            var ofAll = RotationOf(All);
            var (turnedQ, turnedK) = (attention.ReadyQueries(q, pass.last ? RotationOf(pass.Queries) : ofAll), attention.ReadyKeys(k, ofAll));
            var (ofQ, ofK, ofV) = (Views(turnedQ, slice, pass.Queries), Views(turnedK, slice, All), Views(v, slice, All));
            for (var i = 0; i < slice.Count; i++)
            {
                var rows = slice[i];
                var lane = pass.Lanes[rows.Lane];
                if (rows.IsLane) lane.RotatedKeys = ofK[i][0];
                var earlier = rows.Start == 0 ? default
                    : new Earlier(rows.Start, lane.RotatedKeys.narrow(0, 0, rows.Start), lane[Activation.V].narrow(0, 0, rows.Start));
                parts.Add(attention.Mix(ofQ[i], ofK[i], ofV[i], earlier, Watcher(rows)).flatten(0, 1));
            }
            return scope.MoveToOuter(cat(parts));
        }

        /// <summary>What sees the pattern of some rows whole; null where nobody has to.</summary>
        private Func<Tensor, Tensor>? Watcher(Rows rows)
        {
            if (rows.IsLane ? !pass.Keeps(Activation.Pattern) : !pass.window.Concerns(Activation.Pattern)) return null;
            return pattern =>
            {
                if (rows.IsLane) pass.Lanes[rows.Lane][Activation.Pattern] = pattern[0].flatten(0, 1);
                else pass.window.ApplyToPattern(rows, pattern);
                return pattern;
            };
        }

        /// <summary>The rotation at each packed row's own position; the last of each run where there are fewer.</summary>
        private Rotation RotationOf(Func<Rows, int> count) => pass.rotation.At(
            slice.SelectMany(rows => Enumerable.Repeat(Enumerable.Range(rows.Start + rows.Positions - count(rows), count(rows)), rows.Count)
                .SelectMany(run => run.Select(pos => (pos, pass.lengths[rows.Lane])))), pass.device);
    }
}
