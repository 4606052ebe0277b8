using PatchKernel.Models;

namespace PatchKernel.Units;

/// <summary>Runs a unit of a study: some pairs, all sites, one pass through the layers.</summary>
/// <param name="study">The study.</param>
/// <param name="model">The model.</param>
/// <param name="pairs">Every pair of the study in the model's tokens, in order.</param>
/// <param name="rows">Their rows in the data file.</param>
/// <param name="plan">Which grids are swept.</param>
internal sealed class UnitRun(Study study, LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<DataRow> rows, UnitPlan plan)
{
    /// <summary>Runs some pairs.</summary>
    /// <param name="from">The first pair.</param>
    /// <param name="to">The pair behind the last.</param>
    /// <param name="progress">Receives how many cells are done.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <exception cref="PatchKernelException">A pair's logits aren't finite, unless bad rows are left out.</exception>
    public UnitRows Run(int from, int to, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        int[] unit = [.. Enumerable.Range(from, to - from)];
        var runs = Baseline.RunEach(model, [.. unit.Select(at => pairs[at])], study.Metrics, cancel);
        var table = unit.Zip(runs).ToDictionary(pair => pair.First, pair => RowOf(pair.First, pair.Second.Runs, pair.Second.Fault));
        var plans = unit.Where(at => table[at].LeftOut is null).Select(at => (At: at, Plan: plan.Of(at))).ToArray();
        foreach (var (at, its) in plans) table[at] = table[at] with { LacksControls = its.LacksControls is [] ? null : string.Join(", ", its.LacksControls) };
        List<ResultRow> cells = [];
        List<Verification> verified = [];
        foreach (var (at, results, fault) in SweepEach(plans, progress, cancel))
        {
            if (fault is not null) table[at] = table[at] with { LeftOut = Reason(at, fault) };
            cells.AddRange(results.SelectMany(result => new ResultCells(model.Name, result).Rows()));
            verified.AddRange(results.Select(result => result.Verified).OfType<Verification>());
        }
        return new(cells, [.. unit.Select(at => table[at])], verified.FirstOrDefault(each => !each.IsWithinRounding) ?? verified.FirstOrDefault());
    }

    /// <summary>Sweeps some pairs side by side, and where a patched run isn't finite one by one, so that this pair doesn't stop the others.</summary>
    private IReadOnlyList<(int At, IReadOnlyList<SweepResult> Results, NonFiniteException? Fault)> SweepEach(
        (int At, PairPlan Plan)[] plans, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        if (plans.Length == 0) return [];
        var requests = plans.SelectMany(each => each.Plan.Requests).ToArray();
        // Of one grid, another one in each unit.
        ref var drawn = ref requests[plan.Verified(plans[0].At, requests.Length)];
        drawn = drawn with { Options = drawn.Options with { Verify = study.Verify ?? (study.Dtype == "float32" ? 0 : Verification.WhenNarrow) } };
        try
        {
            var results = new Queue<SweepResult>(Sweep.Run(model, requests, progress, cancel));
            return [.. plans.Select(each => (each.At, (IReadOnlyList<SweepResult>)[.. each.Plan.Requests.Select(_ => results.Dequeue())], (NonFiniteException?)null))];
        }
        catch (NonFiniteException fault)
        {
            return plans.Length == 1 ? [(plans[0].At, [], fault)] : [.. plans.SelectMany(each => SweepEach([each], progress, cancel))];
        }
    }

    private PairRow RowOf(int at, Baseline? runs, NonFiniteException? fault)
    {
        var (pair, row) = (pairs[at], rows[at]);
        var (values, answered) = (ValuesOf(runs), runs?.Answers(pair) == true);
        return new PairRow
        {
            Model = model.Name,
            Pair = row.Name,
            Line = row.Line,
            Clean = row.Clean,
            Corrupt = row.Corrupt,
            CleanTarget = row.CleanTargets[0],
            CorruptTarget = row.CorruptTargets[0],
            CleanTokens = pair.Clean.Length,
            CorruptTokens = pair.Corrupt.Length,
            CleanBest = runs is null ? "" : Text(runs.Clean.Best[0]),
            CorruptBest = runs is null ? "" : Text(runs.Corrupt.Best[0]),
            Answered = answered,
            LeftOut = runs is null ? Reason(at, fault!) : study.OnlyAnswered && !answered ? PairRow.NotAnswered : Error(pair, runs),
            Values = values,
            Columns = row.Columns,
        };

        static string Text(TokenLogit token) => token.Text ?? FormattableString.Invariant($"{token.Id}");
    }

    private Dictionary<string, (float, float)> ValuesOf(Baseline? runs) => runs is null ? [] : new(
    [
        new("clean_target", (runs.Clean.CleanTarget, runs.Corrupt.CleanTarget)),
        new("corrupt_target", (runs.Clean.CorruptTarget, runs.Corrupt.CorruptTarget)),
        .. study.Metrics.Select(metric => KeyValuePair.Create(metric.Name, (runs.Clean.Of(metric), runs.Corrupt.Of(metric)))),
    ]);

    private string? Error(PromptPair pair, Baseline runs) =>
        PairCheck.Run(pair, model.Config.DVocab, byRole: study.Roles is not null).WithRuns(runs, study.Metrics[0]).Findings
            .FirstOrDefault(finding => finding.Severity == Severity.Error)?.Message;

    private string Reason(int at, NonFiniteException fault) => study.Selection.SkipBad ? fault.Message
        : throw new PatchKernelException($"'{study.Data}', line {rows[at].Line}: {fault.Message.TrimEnd('.')}; or leave such rows out with skip_bad.", fault);
}

/// <summary>A unit's results.</summary>
/// <param name="Results">Its rows.</param>
/// <param name="Pairs">Its pairs, those that were left out among them.</param>
/// <param name="Verified">How far some cells were from a full forward; null where none was compared.</param>
internal sealed record UnitRows(IReadOnlyList<ResultRow> Results, IReadOnlyList<PairRow> Pairs, Verification? Verified);
