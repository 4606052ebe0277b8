using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>A planned sweep under way: runs it by either method, measures and checks it.</summary>
internal sealed class SweepRun(LanguageModel model, SweepPlan plan, IProgress<SweepProgress>? progress, CancellationToken cancel)
{
    private readonly int[] cells =
        [.. plan.Tasks.Select(task => (int)task.Site.Cells(model.Config, plan.Lanes[task.Base].Prompt))];

    private readonly SweepMemory memory = new(model.Config, [.. plan.Lanes.Select(lane => lane.Ids.Count)], [.. plan.Tasks.Select(task => task.Site)]);
    private readonly MemoryRoom room = MemoryRoom.Of(model, plan.Grids.Min(grid => grid.Request.Options.Memory));
    private float[][] laneLogits = [];
    private Measurement[] measurements = [];

    /// <summary>How many rows have logits at once: each part reads the whole unembedding, which is slow when that is read in parts.</summary>
    public static int MostLogits(ModelConfig config, int lanes, long mostUnembeddingRows) =>
        Math.Max(lanes, (mostUnembeddingRows < config.DVocab ? 256 << 20 : 64 << 20) / (sizeof(float) * config.DVocab));

    /// <summary>The cells that the wavefront computes; null for all.</summary>
    public IReadOnlySet<CellPlace>? Only { get; init; }

    /// <summary>The groups of cells that the wavefront takes one after another.</summary>
    public IReadOnlyList<CellGroup> PlanGroups() => CellGroup.Plan(
        model.Config, plan.Lanes, plan.Tasks,
        memory.OfGroup(room with { Free = room.Free - KeptLogits }, cells.Sum() + plan.Lanes.Count, model.Weights.MostUnembeddingRows), Only);

    /// <summary>Runs every cell.</summary>
    public IReadOnlyList<SweepResult> Run(SweepMethod method)
    {
        CheckMemory(method);
        if (method == SweepMethod.Naive) RunNaive();
        else if (method.IsEstimate()) RunGradients(method);
        else RunWavefront();
        if (!method.IsEstimate()) return [.. plan.Grids.Select(grid => Result(grid, method) with { Verified = Verified(grid) })];
        return [.. plan.Grids.Zip(ExactCells.Of(model, plan, measurements, cancel), (grid, exact) =>
            Result(grid, method) with { Conventions = grid.Request.Options.Estimate.Conventions(grid.Request.Options), Checked = exact })];
    }

    /// <summary>Runs every cell of <see cref="Only"/> exactly.</summary>
    /// <returns>Each sweep's measurements.</returns>
    public IReadOnlyList<Measurement> RunExactly()
    {
        CheckMemory(SweepMethod.Wavefront);
        RunWavefront();
        return measurements;
    }

    /// <summary>Bytes of the logits that the requests want to keep.</summary>
    private long KeptLogits => plan.Grids.Sum(grid => grid.Request.Options.KeepLogits ? grid.Tasks.Sum(task => (long)cells[task]) * model.Config.DVocab * sizeof(float) : 0);

    private void CheckMemory(SweepMethod method)
    {
        var longest = plan.Lanes.Max(lane => lane.Ids.Count);
        var least = method == SweepMethod.Naive ? memory.Naive : memory.Least(model.Weights.MostUnembeddingRows);
        if (method.IsEstimate()) least = memory.Naive + plan.Grids.Max(grid => MemoryOf(grid).Least);
        room.RefuseLess(least + KeptLogits, $"This {(method.IsEstimate() ? "estimate of" : "sweep of")} prompts of {longest:N0} tokens");
    }

    private void RunNaive()
    {
        using var naive = new NaiveSweep(model, plan.Lanes, plan.Tasks);
        Begin(naive.RunLanes(cancel));
        var (done, total) = (0, cells.Sum());
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            for (var cell = 0; cell < cells[task]; cell++)
            {
                using var scope = NewDisposeScope();
                MeasureFinite(task, [cell], naive.Run(plan.Tasks[task], cell, cancel).unsqueeze(0));
                progress?.Report(new SweepProgress(++done, total));
            }
        }
    }

    private void RunGradients(SweepMethod method)
    {
        foreach (var task in plan.Tasks)
            if (task.Value.SourceRun is { } source) EstimateOptions.CheckLengths(method, plan.Lanes[task.Base].Prompt, plan.Lanes[source].Prompt);
        using var lanes = new NaiveSweep(model, plan.Lanes, plan.Tasks, beside: plan.Grids.SelectMany(grid => GradientSweep.Beside(grid.Request.Options)));
        Begin(lanes.RunLanes(cancel));
        var done = 0;
        foreach (var grid in plan.Grids)
        {
            var gradients = new GradientSweep(model, plan.Lanes, grid.Request.Options, KeepsGraphs(grid));
            foreach (var together in grid.Tasks.GroupBy(task => (plan.Tasks[task].Base, plan.Tasks[task].Value.SourceRun)).Select(group => group.ToArray()))
            {
                var changes = gradients.Estimate([.. together.Select(task => plan.Tasks[task])], lanes, measurements[together[0]].Functions, Report, cancel);
                foreach (var (task, change) in together.Zip(changes)) measurements[task].Add(change);
                done += together.Sum(task => cells[task]);

                void Report(double share) => progress?.Report(new SweepProgress(done + (int)(share * together.Sum(task => cells[task])), cells.Sum()));
            }
        }
    }

    private GradientMemory MemoryOf(PlannedGrid grid) => new(model.Config, grid.Request.Options, plan.Lanes.Max(lane => lane.Ids.Count), plan.Lanes.Max(lane => lane.Read));

    /// <summary>Whether all layers' graphs fit in memory together, with weights that stay there.</summary>
    private bool KeepsGraphs(PlannedGrid grid) =>
        model.DeviceMap.Parts.All(part => part.Home == WeightHome.Device) && memory.Naive + MemoryOf(grid).WithAllLayers < room.Planned;

    private void RunWavefront()
    {
        var groups = PlanGroups();
        Report(0);
        new Wavefront(model, plan.Lanes, plan.Tasks).Run(groups, Read, Report, cancel);

        void Report(double share) => progress?.Report(new SweepProgress((int)(share * cells.Sum()), cells.Sum()) { Groups = groups.Count });
    }

    /// <summary>Measures rows that have left the last layer.</summary>
    private void Read(List<Rows> rows) =>
        new RowLogits(model, plan.Lanes, memory.LogitRows(room, model.Weights.MostUnembeddingRows)).Read(rows, Begin, MeasureFinite, cancel);

    /// <summary>Measures some cells, whose logits have to be finite.</summary>
    private void MeasureFinite(int task, int[] cellsOfTask, Tensor logits)
    {
        if (!NonFinite.IsFinite(logits))
        {
            var row = Enumerable.Range(0, cellsOfTask.Length).First(row => !NonFinite.IsFinite(logits[row]));
            using var naive = new NaiveSweep(model, plan.Lanes, [plan.Tasks[task]], together: true);
            throw naive.NonFiniteError(plan.Tasks[task], cellsOfTask[row], cancel);
        }
        measurements[task].Read(cellsOfTask, logits);
    }

    /// <summary>Looks at the unpatched runs, and fills every cell with its base run.</summary>
    private void Begin(float[][] logits)
    {
        laneLogits = logits;
        for (var lane = 0; lane < logits.Length; lane++)
            if (!logits[lane].All(float.IsFinite)) throw NonFinite.Error(model, [NaiveSweep.Run(plan.Lanes[lane])], 0, Whose(lane), cancel);
        foreach (var grid in plan.Grids.Where(grid => !grid.Request.Options.MayLackGap))
            PairCheck.Run(grid.Request.Pair, model.Config.DVocab, byRole: grid.Places is not null).WithRuns(BaselineOf(grid), grid.Request.Options.Metric).ThrowIfErrors();
        measurements = new Measurement[plan.Tasks.Count];
        foreach (var grid in plan.Grids)
            foreach (var task in grid.Tasks)
            {
                var (options, lane) = (grid.Request.Options, plan.Tasks[task].Base);
                measurements[task] = new Measurement(options.Metrics, options.KeepLogits, RunsOf(grid), cells[task], logits[lane], plan.Lanes[lane].Read);
            }
    }

    private string Whose(int lane) => plan.Grids.Any(grid => grid.Clean == lane) ? "The clean run's"
        : plan.Grids.Any(grid => grid.Corrupt.Contains(lane)) ? "The corrupt run's"
        : "Another prompt's";

    private Baseline BaselineOf(PlannedGrid grid) =>
        Baseline.Of(model, RunsOf(grid), grid.Request.Options.Metrics, [.. grid.Corrupt.Select(lane => laneLogits[lane])]);

    private UnpatchedRuns RunsOf(PlannedGrid grid) =>
        new(grid.Request.Pair, laneLogits[grid.Clean], MeanOf([.. grid.Corrupt.Select(lane => laneLogits[lane])]));

    private Verification? Verified(PlannedGrid grid)
    {
        var count = grid.Request.Options.Verify ?? (model.Dtype == ScalarType.Float32 ? 0 : Verification.WhenNarrow);
        return count == 0 ? null : Verification.Of(model, plan, grid, measurements, count, MostTogether, cancel);
    }

    /// <summary>How many forwards may go through the layers side by side.</summary>
    private int MostTogether
    {
        get
        {
            var longest = plan.Lanes.Max(lane => lane.Ids.Count);
            var free = room.Planned - ForwardMemory.Of(model.Config, longest, wholePattern: true);
            return (int)Math.Clamp(free / SweepMemory.Row(model.Config, 2 * longest), 1, Verification.MostTogether);
        }
    }

    private SweepResult Result(PlannedGrid grid, SweepMethod method)
    {
        var (pair, options) = (grid.Request.Pair, grid.Request.Options);
        var baseline = BaselineOf(grid);
        Dictionary<string, float[]> values = [];
        foreach (var name in measurements[grid.Tasks.First()].Values.Keys) Add(name, grid.Cells(task => measurements[task].Values[name]));
        if (options.Metric is var drawn && drawn.HasGap(baseline.Clean.Of(drawn), baseline.Corrupt.Of(drawn)))
            Add(ValueNames.Score, grid.Cells(task => Scores(measurements[task].Values[drawn.Name], baseline, drawn)));
        return new SweepResult
        {
            Model = model.Summary,
            Pair = pair,
            Site = options.Site,
            Direction = options.Direction,
            Metrics = options.Metrics,
            Method = method.Name(),
            Window = options.Window,
            Source = options.Source.Name,
            Noise = options.Source is PatchSource.Noise noise ? noise with { Positions = noise.PositionsIn(pair) } : null,
            CleanRun = baseline.Clean,
            CorruptRun = baseline.Corrupt,
            Axes = grid.Axes,
            Shape = grid.Shape(model.Config),
            Places = grid.Places,
            Values = values,
            Logits = options.KeepLogits ? grid.Cells(task => measurements[task].Kept!)[0] : null,
            CleanLogits = options.KeepLogits ? laneLogits[grid.Clean][..model.Config.DVocab] : null,
            CorruptLogits = options.KeepLogits ? RunsOf(grid).Corrupt[..model.Config.DVocab] : null,
        };

        void Add(string name, float[][] samples)
        {
            values[name] = MeanOf(samples);
            if (samples.Length > 1) values[name + ValueNames.SpreadSuffix] = DeviationOf(samples);
        }
    }

    private static float[] Scores(float[] patched, Baseline baseline, Metric metric) =>
        [.. patched.Select(value => Metric.Normalise(value, baseline.Clean.Of(metric), baseline.Corrupt.Of(metric)))];

    /// <summary>The mean over samples.</summary>
    public static float[] MeanOf(float[][] samples) =>
        samples.Length == 1 ? samples[0] : [.. Enumerable.Range(0, samples[0].Length).Select(i => (float)samples.Average(sample => (double)sample[i]))];

    /// <summary>The samples' standard deviation, with n − 1.</summary>
    private static float[] DeviationOf(float[][] samples)
    {
        var mean = MeanOf(samples);
        return [.. mean.Select((m, i) => (float)Math.Sqrt(samples.Sum(sample => Math.Pow(sample[i] - m, 2)) / (samples.Length - 1)))];
    }
}
