using PatchKernel.Activations;
using PatchKernel.Metrics;
using PatchKernel.Sweeps;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel;

/// <content>Grids of one's own.</content>
public static partial class Sweep
{
    /// <summary>Runs any intervention for any list of cells, each a full forward of its own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="cells">The cells to run, of one <see cref="SweepGrid"/>; the others keep what the unpatched run measures.</param>
    /// <param name="taps">From a cell to what is done to the run, in this order.</param>
    /// <param name="name">What the intervention is called in charts and files.</param>
    /// <param name="direction">Which prompt is run: the corrupt one by default, else the clean one.</param>
    /// <param name="metrics">What is measured, the first is drawn; by default the clean target's logit and the logit difference.</param>
    /// <param name="progress">Receives how many cells are done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays over the whole grid; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, a tap or a metric can't be used, there is no cell, or a cell's logits are infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SweepResult Each(
        LanguageModel model, PromptPair pair, IEnumerable<GridCell> cells, Func<GridCell, IEnumerable<ITap>> taps, string name = "own intervention",
        Direction direction = Direction.Denoising, IReadOnlyList<Metric>? metrics = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        var options = new SweepOptions { Direction = direction, Metrics = metrics ?? Metric.Usual };
        options.Check(model.Config.NLayers);
        var check = PairCheck.Run(pair, model.Config.DVocab).ThrowIfErrors();
        var wanted = Checked(cells, pair);
        var grid = wanted[0].Grid;
        using var noGrad = no_grad();
        var runs = UnpatchedRuns.Of(model, pair, options.Metrics, cancel);
        var baseline = Baseline.Of(model, runs, options.Metrics);
        check.WithRuns(baseline, options.Metric).ThrowIfErrors();
        var (prompt, before) = direction == Direction.Denoising ? (pair.Corrupt, runs.Corrupt) : (pair.Clean, runs.Clean);
        var positions = before.Length / model.Config.DVocab;
        var measurement = new Measurement(options.Metrics, keeps: false, runs, grid.Count, before, positions);
        foreach (var (done, cell) in wanted.Index())
        {
            progress?.Report(new SweepProgress(done, wanted.Count));
            using var scope = NewDisposeScope();
            var run = UnpatchedRuns.Run(pair, prompt, options.Metrics, TapsOf(cell, taps));
            measurement.Read([cell.Index], tensor(UnpatchedRuns.Logits(model, run, $"At {cell}, the run's", cancel)).view(1, positions, -1));
        }
        progress?.Report(new SweepProgress(wanted.Count, wanted.Count));
        return new SweepResult
        {
            Model = model.Summary,
            Pair = pair,
            Site = null,
            Intervention = name,
            CellsRun = wanted.Count,
            Direction = direction,
            Metrics = options.Metrics,
            Method = NaiveSweep.Name,
            CleanRun = baseline.Clean,
            CorruptRun = baseline.Corrupt,
            Axes = grid.Axes,
            Shape = grid.Shape,
            Values = measurement.Values,
        };
    }

    /// <summary>Runs one tap for each cell.</summary>
    /// <inheritdoc cref="Each(LanguageModel, PromptPair, IEnumerable{GridCell}, Func{GridCell, IEnumerable{ITap}}, string, Direction, IReadOnlyList{Metric}, IProgress{SweepProgress}, CancellationToken)"/>
    public static SweepResult Each(
        LanguageModel model, PromptPair pair, IEnumerable<GridCell> cells, Func<GridCell, ITap> tap, string name = "own intervention",
        Direction direction = Direction.Denoising, IReadOnlyList<Metric>? metrics = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default) =>
        Each(model, pair, cells, cell => (IEnumerable<ITap>)[tap(cell)], name, direction, metrics, progress, cancel);

    /// <summary>The cells to run, each once.</summary>
    private static List<GridCell> Checked(IEnumerable<GridCell> cells, PromptPair pair)
    {
        var wanted = cells.DistinctBy(cell => cell.Index).ToList();
        if (wanted.Count == 0) throw new PatchKernelException("There is no cell to run; give some of a SweepGrid.");
        if (wanted[0].Grid is not { } grid || wanted.Any(cell => cell.Grid != grid)) throw new PatchKernelException("The cells are of several grids, or of none; give those of one.");
        if (wanted.FirstOrDefault(cell => cell.Index < 0 || cell.Index >= grid.Count) is { Grid: not null } outside)
            throw new PatchKernelException($"The grid has no cell {outside.Index}; it has 0 to {grid.Count - 1}.");
        foreach (var (axis, size) in grid.Axes.Zip(grid.Shape))
            if (axis is "pos" or "query_pos" && size != pair.Clean.Length)
                throw new PatchKernelException($"The grid's axis {axis} has {size} positions, and the prompts have {pair.Clean.Length}; give it that size, and pick cells by Where, or another name.");
        return wanted;
    }

    private static ITap TapsOf(GridCell cell, Func<GridCell, IEnumerable<ITap>> taps)
    {
        try
        {
            return TapSequence.Of([.. taps(cell) ?? throw new PatchKernelException($"There is no list of taps at {cell}; give an empty one to leave the run as it is.")]);
        }
        catch (Exception e) when (e is not (PatchKernelException or OperationCanceledException))
        {
            throw new PatchKernelException($"The taps of the cell at {cell} can't be made: {Excerpt.Reason(e)}.", e);
        }
    }
}
