using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Patches rows again in the second and later layers of their window.</summary>
/// <param name="tasks">The sweeps.</param>
/// <param name="config">The model's shape.</param>
/// <param name="layer">The layer that the wavefront is in.</param>
/// <param name="lanes">Every lane's activations in it.</param>
internal sealed class WindowPatch(IReadOnlyList<SweepTask> tasks, ModelConfig config, int layer, LaneActivations[] lanes)
{
    private readonly int group = config.NHeads / config.NKeyValueHeads;

    /// <summary>Writes what is put in over the rows' own values.</summary>
    /// <param name="activation">Which activation <paramref name="packed"/> is.</param>
    /// <param name="slice">The rows.</param>
    /// <param name="packed">Their values, one position under another, [positions, …]; the engine's own, so it may be written to.</param>
    public void Apply(Activation activation, IReadOnlyList<Rows> slice, Tensor packed)
    {
        if (!Concerns(activation)) return;
        using var scope = NewDisposeScope();
        long offset = 0;
        foreach (var rows in slice)
        {
            var each = rows.Positions - Skipped(activation, rows);
            var own = packed.narrow(0, offset, rows.Count * each);
            offset += rows.Count * each;
            foreach (var (run, cell, source) in Patched(activation, rows))
            {
                foreach (var (target, value) in Overlaps(activation, rows, cell, own.narrow(0, run * each, each), source))
                    if (cell.Head is { } head) target.narrow(1, head, 1).copy_(value.narrow(1, head, 1));
                    else target.copy_(value);
            }
        }
    }

    /// <summary>The same for the pattern of rows of one start, [runs, n_kv_heads, group, queries, keys].</summary>
    public void ApplyToPattern(Rows rows, Tensor pattern)
    {
        if (!Concerns(Activation.Pattern)) return;
        using var scope = NewDisposeScope();
        foreach (var (run, cell, source) in Patched(Activation.Pattern, rows))
        {
            var head = cell.Head!.Value;
            foreach (var (target, value) in Overlaps(Activation.Pattern, rows, cell, pattern[run, head / group, head % group], source[head])) target.copy_(value);
        }
    }

    /// <summary>Whether some window reaches over layers and patches the activation.</summary>
    public bool Concerns(Activation activation) => tasks.Any(task => task.Window > 1 && task.Site.Activation == activation);

    /// <summary>The runs of a group that this layer patches once more.</summary>
    private IEnumerable<(int Run, Cell Cell, Tensor Source)> Patched(Activation activation, Rows rows)
    {
        if (rows.IsLane || tasks[rows.Task] is not { Window: > 1 } task || task.Site.Activation != activation) yield break;
        var source = task.Value.Of(lanes[task.Base].Placed(activation), lane => lanes[lane].Placed(activation));
        var shape = task.Site.Shape(config, lanes[task.Base].Prompt);
        for (var run = 0; run < rows.Count; run++)
        {
            var cell = task.Site.At(rows.Cells[run], shape);
            if (layer > task.From(cell.Layer) && layer <= task.To(cell.Layer)) yield return (run, cell, source);
        }
    }

    /// <summary>The positions of a run that a cell patches, in the run and in the source; none where the layer doesn't compute them.</summary>
    private IEnumerable<(Tensor Target, Tensor Value)> Overlaps(Activation activation, Rows rows, Cell cell, Tensor run, Tensor source)
    {
        var first = rows.Start + Skipped(activation, rows);
        foreach (var (from, count) in Patched(rows, cell, first))
            yield return (run.narrow(0, from - first, count), source.narrow(0, from - lanes[rows.Lane].Offset(activation), count));
    }

    /// <summary>The same as ranges of positions, from the first on that the layer computes.</summary>
    private IEnumerable<(int From, int Count)> Patched(Rows rows, Cell cell, int first) => (cell.Pos, tasks[rows.Task].Value.Targets) switch
    {
        ({ } pos, _) => pos < first ? [] : [(pos, 1)],
        (_, { } targets) => targets.Where(pos => pos >= first).Select(pos => (pos, 1)),
        _ => [(first, Math.Max(0, lanes[rows.Lane].Prompt - first))],
    };

    /// <summary>How many of a run's first positions have no such activation in this layer.</summary>
    private int Skipped(Activation activation, Rows rows) => Math.Max(0, lanes[rows.Lane].Offset(activation) - rows.Start);
}
