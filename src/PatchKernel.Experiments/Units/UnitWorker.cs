using System.Diagnostics;

namespace PatchKernel.Units;

/// <summary>Takes units that are free, runs them and publishes their rows, until none is left.</summary>
internal sealed class UnitWorker(
    PreparedStudy prepared, StudyFolder folder, ExperimentOptions options, IProgress<ExperimentProgress>? progress, CancellationToken cancel)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly UnitClaims claims = folder.ClaimsBy(TimeProvider.System);
    private readonly Stopwatch busy = new();
    private readonly UnitTables tables = new(folder);
    private int own, done, left;

    /// <summary>Runs until every unit of the share is done, by this process or another.</summary>
    public void Run()
    {
        int[] units = [.. Enumerable.Range(0, folder.Record.Units).Where(unit => options.Shard?.Has(unit) ?? true)];
        while (!options.EndSoon.IsCancellationRequested)
        {
            int[] missing = [.. units.Where(unit => !folder.IsDone(unit))];
            if (missing.Length == 0) return;
            (done, left) = (folder.Record.Units - folder.Missing.Count, missing.Length);
            var took = false;
            foreach (var unit in missing)
            {
                cancel.ThrowIfCancellationRequested();
                if (options.EndSoon.IsCancellationRequested) return;
                took |= TryUnit(unit);
            }
            // Other processes run what is left: wait for them, and take over where one dies.
            if (!took) WaitHandle.WaitAny([cancel.WaitHandle, options.EndSoon.WaitHandle], Pause);
        }
    }

    private bool TryUnit(int unit)
    {
        using var claim = claims.Try(unit);
        if (claim is null)
        {
            if (!folder.IsDone(unit)) return false;
            CountDone(); // by another process, since this one looked
            return true;
        }
        busy.Start();
        var watch = Stopwatch.StartNew();
        var (index, from, to) = folder.Record.Unit(unit);
        var facts = folder.Record.Models[index];
        var run = prepared.Unit(index, facts);
        var rows = run.Run(from, to, new Within(this), cancel);
        busy.Stop();
        if (rows.Verified is { IsWithinRounding: false } off) throw new PatchKernelException($"Unit {unit + 1} is not to be trusted, and wasn't written: {off}; run the study in float32.");
        if (!claim.IsHeld) return false; // it was thought dead, and another process has the unit
        tables.Write(unit, rows);
        own++;
        CountDone();
        folder.Note(new
        {
            Unit = unit,
            Finished = DateTimeOffset.Now,
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 3),
            Pairs = to - from,
            Rows = rows.Results.Count,
            Verified = rows.Verified?.ToString(),
        });
        Report(FormattableString.Invariant($"unit {unit + 1} of {folder.Record.Units}, {facts.Name}, pairs {from + 1} to {to}: {rows.Results.Count} rows in {watch.Elapsed.TotalSeconds:0.0} s"), 0);
        return true;
    }

    private void CountDone() => (done, left) = (done + 1, left - 1);

    private void Report(string? message, double ofUnit) => progress?.Report(new ExperimentProgress(done, folder.Record.Units, message)
    {
        OfUnit = ofUnit,
        Left = own == 0 ? null : left * (busy.Elapsed / own),
    });

    private sealed class Within(UnitWorker worker) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => worker.Report(null, (double)value.Done / Math.Max(1, value.Total));
    }
}
