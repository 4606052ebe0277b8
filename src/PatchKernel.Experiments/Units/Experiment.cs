using PatchKernel.Text;
using PatchKernel.Units;

namespace PatchKernel;

/// <summary>Runs studies: many pairs, cut into units, which any number of processes share and which a killed one leaves to the next.</summary>
public static partial class Experiment
{
    /// <summary>Runs what is missing of a study, and where nothing is, writes its tables.</summary>
    /// <param name="study">The study.</param>
    /// <param name="output">The folder of its results; one that was begun is gone on with.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="progress">Receives each unit that is done, and how far the one at hand is.</param>
    /// <param name="cancel">Stops before the next layer, and gives the unit at hand back; in a notebook, the stop button does where none is given.</param>
    /// <returns>How far the study is.</returns>
    /// <exception cref="PatchKernelException">The study, its data or a model can't be used, the folder holds another study, or a file can't be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ExperimentStatus Run(
        Study study, string output, ExperimentOptions? options = null, IProgress<ExperimentProgress>? progress = null, CancellationToken cancel = default)
    {
        (options, cancel) = (options ?? new(), HostStop.Or(cancel));
        study.Check();
        using var prepared = PreparedStudy.Of(study, options, cancel);
        var folder = StudyFolder.Begin(output, prepared.Record);
        if (prepared.Skipped.Count + prepared.Warnings.Count > 0)
            progress?.Report(new(0, folder.Record.Units, $"{Excerpt.Count(prepared.Skipped.Count, "row")} left out, {Excerpt.Count(prepared.Warnings.Count, "warning")}: 'experiment check' lists them"));
        folder.Note(new { Started = DateTimeOffset.Now, options.CommandLine, prepared.Record.Program, Host = Environment.MachineName, Process = Environment.ProcessId, Share = options.Shard?.ToString() });
        var worker = new UnitWorker(study, prepared, folder, options, progress, cancel);
        worker.Run();
        var missing = folder.Missing;
        if (missing.Count == 0 && options.Shard is null) Merge(output, options.Csv);
        return StatusOf(folder);
    }

    /// <summary>How far a study is.</summary>
    /// <exception cref="PatchKernelException">The folder holds none.</exception>
    public static ExperimentStatus Status(string output) => StatusOf(StudyFolder.Open(output));

    private static ExperimentStatus StatusOf(StudyFolder folder)
    {
        var missing = folder.Missing;
        return new(folder.Record.Units, folder.Record.Units - missing.Count, [.. missing.Where(folder.ClaimsBy(TimeProvider.System).IsClaimed)], missing);
    }
}

/// <summary>How a study runs.</summary>
public sealed record ExperimentOptions
{
    /// <summary>CPU threads, fixed at the study's first start; by default as many as the model suits.</summary>
    public int? Threads { get; init; }

    /// <summary>The share of the units that this process takes; null for whatever is free.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether <c>results.csv</c> is written beside <c>results.parquet</c>.</summary>
    public bool Csv { get; init; }

    /// <summary>The command line, for the record.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Ends the run after the unit at hand.</summary>
    public CancellationToken EndSoon { get; init; }
}

/// <summary>How far a study is.</summary>
/// <param name="Units">Number of units.</param>
/// <param name="Done">Those that are done.</param>
/// <param name="Claimed">Those that some process has.</param>
/// <param name="Missing">Those that aren't done.</param>
public sealed partial record ExperimentStatus(int Units, int Done, IReadOnlyList<int> Claimed, IReadOnlyList<int> Missing)
{
    /// <summary>Whether every unit is done.</summary>
    public bool IsComplete => Done == Units;

    /// <summary>One sentence.</summary>
    public override string ToString() => IsComplete ? (Units == 1 ? "the one unit is done" : FormattableString.Invariant($"all {Units} units are done"))
        : FormattableString.Invariant($"{Done} of {Units} units are done, {Claimed.Count} are claimed");
}

/// <summary>How far a run is.</summary>
/// <param name="Done">Units that are done, by whomever.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Message">What was done, in a line; null while a unit runs.</param>
public sealed record ExperimentProgress(int Done, int Total, string? Message)
{
    /// <summary>How far the unit at hand is, from 0 to 1.</summary>
    public double OfUnit { get; init; }

    /// <summary>About how long the rest takes; null before the first unit.</summary>
    public TimeSpan? Left { get; init; }
}
