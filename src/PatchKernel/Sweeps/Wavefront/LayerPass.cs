using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One layer, for slices of rows; the first slice begins with the lanes, whose keys and values all other rows read.</summary>
internal sealed class LayerPass : IDisposable
{
    // In a small layer an operation costs more to call than to compute: rows then start at every fourth position alone, somewhat early, so that
    // there are fewer kinds of them.
    private const int SmallGrain = 4;

    // Bounds a layer's temporaries: of these positions alone are all activations there at once.
    internal const int MostPositions = 1024;

    private readonly LlamaConfig config;
    private readonly IReadOnlyList<SweepTask> tasks;
    private readonly Device device;
    private readonly Lease lease;
    private readonly Block block;
    private readonly RowAttention attention;
    private readonly WindowPatch window;
    private readonly Rotation rotation;
    private readonly bool last;
    private readonly int grain;

    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="rotation">The rotary embedding at every position of the longest prompt, on the layer's device.</param>
    /// <param name="tasks">The sweeps.</param>
    /// <param name="lanes">The lanes' rows, in order, on the layer's device.</param>
    public LayerPass(Llama model, int layer, Rotation rotation, IReadOnlyList<SweepTask> tasks, IReadOnlyList<Rows> lanes)
    {
        (config, this.tasks, device, this.rotation) = (model.Config, tasks, model.DeviceMap.Layer(layer).RunsOn, rotation);
        lease = model.Weights.Layer(layer);
        block = new Block(config, layer, lease.Weights);
        grain = Grain(config);
        last = layer == config.NLayers - 1 && !tasks.Any(task => task.Value.ReadsEveryPosition);
        attention = new RowAttention(config, device);
        Lanes = [.. lanes.Select(lane => new LaneActivations(last ? lane.Positions - 1 : 0) { [Activation.ResidPre] = lane.Packed })];
        window = new WindowPatch(tasks, config, layer, Lanes);
    }

    /// <summary>At multiples of which position rows start.</summary>
    public static int Grain(LlamaConfig config) => ComputeThreads.IsSmall(config) ? SmallGrain : 1;

    /// <summary>Every lane's activations in this layer, as far as they are computed.</summary>
    public LaneActivations[] Lanes { get; }

    /// <summary>The layer as a sweep's site sees it.</summary>
    public LayerView View(SweepTask task, int length, int first, Func<int, bool> wanted) =>
        new(config, block, task, Lanes, rotation.Narrow(0, length), first, wanted);

    /// <summary>Takes rows through the layer.</summary>
    /// <param name="slice">The rows, with the stream that enters the layer.</param>
    /// <param name="starts">Asked, at each stage that comes, for the rows that join there; null for none. Every lane is in this slice or was in one before.</param>
    /// <returns>The rows with the stream that leaves the layer; in the last layer of the last position alone.</returns>
    public List<Rows> Forward(IReadOnlyList<Rows> slice, Func<Stage, IEnumerable<Joining>>? starts)
    {
        using var scope = NewDisposeScope();
        var residMid = Attend(slice);
        // Those that join go along as far as there is room, half a slice in any case, and by themselves after.
        var room = Math.Max(MostPositions - (int)residMid.shape[0], MostPositions / 2);
        var mid = Joining.Waves(starts?.Invoke(Stage.Mlp) ?? [], room, MostPositions);
        var hidden = block.Mlp.Hidden(block.MlpNorm.Forward(Stacked(residMid, mid[0])));
        Visit(Activation.MlpPost, slice, hidden);
        var late = Joining.Waves(starts?.Invoke(Stage.MlpOutput) ?? [], room, MostPositions);
        var rows = AddMlp(slice, residMid, hidden, mid[0], late[0]);
        foreach (var wave in mid.Skip(1)) rows.AddRange(JoinMid(wave));
        foreach (var wave in late.Skip(1)) rows.AddRange(AddMlp([], residMid.narrow(0, 0, 0), hidden.narrow(0, 0, 0), [], wave));
        foreach (var group in rows) scope.MoveToOuter(group.Resid);
        return rows;

        List<Rows> JoinMid(List<Joining> wave)
        {
            using var waveScope = NewDisposeScope();
            var nothing = residMid.narrow(0, 0, 0);
            var joined = AddMlp([], nothing, block.Mlp.Hidden(block.MlpNorm.Forward(Stacked(nothing, wave))), wave, []);
            foreach (var group in joined) waveScope.MoveToOuter(group.Resid);
            return joined;
        }
    }

    /// <summary>The layer's end: the MLP's output on the stream, of the slice and of those that join.</summary>
    private List<Rows> AddMlp(IReadOnlyList<Rows> slice, Tensor residMid, Tensor hidden, List<Joining> mid, List<Joining> late)
    {
        using var scope = NewDisposeScope();
        var mlpOut = block.Mlp.Output(Stacked(hidden, late));
        Visit(Activation.MlpOut, slice, mlpOut);
        var residPost = StreamUnderMlp(residMid, mid, late).Plus(mlpOut);
        Visit(Activation.ResidPost, slice, residPost);
        return Unpack(residPost, slice, [.. mid, .. late], scope);
    }

    /// <summary>Lets go of the layer's weights and the lanes' activations.</summary>
    public void Dispose()
    {
        lease.Dispose();
        foreach (var lane in Lanes) lane.Dispose();
    }

    /// <summary>The stream between attention and the MLP, packed over the positions that have queries.</summary>
    private Tensor Attend(IReadOnlyList<Rows> slice)
    {
        using var scope = NewDisposeScope();
        var stream = cat([.. slice.Select(rows => rows.Packed)]);
        window.Apply(Activation.ResidPre, slice, stream);
        var normed = block.AttentionNorm.Forward(stream);
        var (k, v) = (block.Attention.Keys(normed), block.Attention.Values(normed));
        if (last) (stream, normed) = (LastPositions(stream, slice), LastPositions(normed, slice));
        var q = block.Attention.Queries(normed);
        Visit(Activation.Q, slice, q);
        Visit(Activation.K, slice, k);
        Visit(Activation.V, slice, v);
        var z = Mix(slice, Rotated(q, slice, Queries), Rotated(k, slice, All), v);
        Visit(Activation.Z, slice, z);
        var attnOut = block.Attention.Output(z);
        Visit(Activation.AttnOut, slice, attnOut);
        var residMid = stream.Plus(attnOut);
        Visit(Activation.ResidMid, slice, residMid);
        return scope.MoveToOuter(residMid);
    }

    /// <summary>Packed heads, each row turned by its own position; the last of each run where there are fewer.</summary>
    private Tensor Rotated(Tensor packed, IReadOnlyList<Rows> slice, Func<Rows, int> count)
    {
        using var scope = NewDisposeScope();
        long[] positions =
        [
            .. slice.SelectMany(rows => Enumerable.Repeat(Enumerable.Range(rows.Start + rows.Positions - count(rows), count(rows)), rows.Count))
                .SelectMany(run => run.Select(pos => (long)pos)),
        ];
        var index = tensor(positions, device: device);
        return scope.MoveToOuter(new Rotation(rotation.Cos.index(index), rotation.Sin.index(index)).Apply(packed));
    }

    private Tensor Mix(IReadOnlyList<Rows> slice, Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var (ofQ, ofK, ofV) = (Views(q, slice, Queries), Views(k, slice, All), Views(v, slice, All));
        for (var i = 0; i < slice.Count; i++)
        {
            var rows = slice[i];
            var lane = Lanes[rows.Lane];
            if (rows.IsLane) lane.RotatedKeys = ofK[i][0];
            var earlier = rows.Start == 0 ? default
                : new Earlier(rows.Start, lane.RotatedKeys.narrow(0, 0, rows.Start), lane[Activation.V].narrow(0, 0, rows.Start));
            parts.Add(attention.Forward(ofQ[i], ofK[i], ofV[i], earlier, Listener(rows)).flatten(0, 1));
        }
        return scope.MoveToOuter(cat(parts));
    }

    /// <summary>What sees the pattern of some rows whole; null where nobody has to.</summary>
    private Action<Tensor>? Listener(Rows rows)
    {
        if (rows.IsLane) return Keeps(Activation.Pattern) ? pattern => Lanes[rows.Lane][Activation.Pattern] = pattern[0].flatten(0, 1) : null;
        return window.Concerns(Activation.Pattern) ? pattern => window.ApplyToPattern(rows, pattern) : null;
    }

    /// <summary>Whether lanes keep an activation: what is large, only where a site reads it.</summary>
    private bool Keeps(Activation activation) =>
        activation is not (Activation.Pattern or Activation.MlpPost) || tasks.Any(task => task.Site.Reads(activation));

    /// <summary>Notes the lanes' part of a packed activation, and patches the rows whose window goes on.</summary>
    private void Visit(Activation activation, IReadOnlyList<Rows> slice, Tensor packed)
    {
        var views = Views(packed, slice, activation is Activation.K or Activation.V ? All : Queries);
        if (Keeps(activation))
            foreach (var (rows, value) in slice.TakeWhile(rows => rows.IsLane).Zip(views)) Lanes[rows.Lane][activation] = value[0];
        window.Apply(activation, slice, packed);
    }

    private static int All(Rows rows) => rows.Positions;

    private int Queries(Rows rows) => last ? 1 : rows.Positions;

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

    private static Tensor LastPositions(Tensor packed, IReadOnlyList<Rows> slice)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([.. Views(packed, slice, All).Select(rows => rows.select(1, -1))]));
    }

    private static Tensor Stacked(Tensor packed, IReadOnlyList<Joining> joining) =>
        joining.Count == 0 ? packed : cat([packed, .. joining.Select(rows => rows.Value.flatten(0, 1))]);

    /// <summary>What the MLP's output is added to: a row that joins in the MLP has the base run's stream there.</summary>
    private Tensor StreamUnderMlp(Tensor residMid, IReadOnlyList<Joining> joinMid, IReadOnlyList<Joining> joinHidden) =>
        Stacked(Stacked(residMid, joinMid), [.. joinHidden.Select(rows => rows with { Value = BaseAt(rows, Activation.ResidMid) })]);

    private Tensor BaseAt(Joining rows, Activation activation)
    {
        var value = Lanes[rows.Lane][activation];
        var from = rows.Start - Lanes[rows.Lane].Offset(activation);
        return value.narrow(0, from, rows.Value.shape[1]).expand(rows.Value.shape[0], rows.Value.shape[1], -1);
    }

    private List<Rows> Unpack(Tensor residPost, IReadOnlyList<Rows> slice, Joining[] joining, DisposeScope scope)
    {
        var rows = slice.Zip(
            Views(residPost, slice, Queries),
            (group, resid) => group with { Start = group.Start + group.Positions - Queries(group), Resid = resid }).ToList();
        var offset = slice.Sum(group => (long)group.Count * Queries(group));
        foreach (var join in joining)
        {
            var (count, positions) = (join.Value.shape[0], join.Value.shape[1]);
            rows.Add(AddRows(join with { Value = residPost.narrow(0, offset, count * positions).view(count, positions, -1) }, Activation.ResidPost));
            offset += count * positions;
        }
        foreach (var group in rows) scope.MoveToOuter(group.Resid);
        return rows;
    }

    /// <summary>Rows that join, with the base run's stream at the positions around what they changed.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="stream">Which stream they join in.</param>
    public Rows AddRows(Joining rows, Activation stream)
    {
        using var scope = NewDisposeScope();
        var lane = Lanes[rows.Lane];
        var start = Math.Max(lane.Offset(stream), rows.Start - rows.Start % grain);
        var end = rows.Start + (int)rows.Value.shape[1];
        var length = lane.Offset(stream) + (int)lane[stream].shape[0];
        var resid = cat([.. start < rows.Start ? [BaseRun(start, rows.Start)] : (Tensor[])[], rows.Value, BaseRun(end, length)], 1);
        return new Rows(rows.Lane, rows.Task, start, rows.Cells, scope.MoveToOuter(resid));

        Tensor BaseRun(int from, int to) => lane[stream].narrow(0, from - lane.Offset(stream), to - from).expand(rows.Value.shape[0], -1, -1);
    }
}
