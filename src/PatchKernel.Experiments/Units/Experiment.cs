using PatchKernel.Units;

namespace PatchKernel;

/// <summary>Runs studies of many pairs. The work is cut into units; any number of processes share them, and take over those of a process that died.</summary>
public static partial class Experiment
{
    /// <summary>Runs the units of a study that are missing and, once none is, writes its tables; a process with a share leaves these to <see cref="Merge"/>.</summary>
    /// <param name="study">The study.</param>
    /// <param name="output">The folder of its results; a study that was begun there goes on.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="progress">Receives a report for each finished unit, and how far the current one is.</param>
    /// <param name="cancel">Stops before the next layer, and frees the current unit for others. Without one, a notebook's stop button stops it.</param>
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
        if (prepared.Data.Note is { } note) progress?.Report(new(0, folder.Record.Units, note) { IsNote = true });
        folder.Note(new { Started = DateTimeOffset.Now, options.CommandLine, prepared.Record.Program, Host = Environment.MachineName, Process = Environment.ProcessId, Share = options.Shard?.ToString() });
        new UnitWorker(prepared, folder, options, progress, cancel).Run();
        var status = StatusOf(folder);
        return status.IsComplete && options.Shard is null ? status with { Outcome = Merge(output, options.Csv) } : status;
    }

    /// <summary>How far a study is.</summary>
    /// <exception cref="PatchKernelException">The folder holds none.</exception>
    public static ExperimentStatus Status(string output)
    {
        var folder = StudyFolder.Open(output);
        var (status, pairs) = (StatusOf(folder), folder.Place(UnitTables.PairsName));
        return status.IsComplete && File.Exists(pairs) ? status with { Outcome = ExperimentOutcome.Of(PairTable.Load(pairs)) } : status;
    }

    private static ExperimentStatus StatusOf(StudyFolder folder)
    {
        var missing = folder.Missing;
        return new(folder.Record.Units, folder.Record.Units - missing.Count, [.. missing.Where(folder.ClaimsBy(TimeProvider.System).IsClaimed)], missing);
    }
}
