using PatchKernel.Data;
using PatchKernel.Text;

namespace PatchKernel.Cli;

/// <summary>Sweeps several rows of a data file in one pass.</summary>
/// <param name="data">The rows.</param>
/// <param name="skipsBad">Whether a row that can't be swept is left out; else it is an error.</param>
/// <param name="terminal">Gets what was left out, and warnings.</param>
internal sealed class DataSweep(ExperimentData data, bool skipsBad, Terminal terminal)
{
    private const int ShownWarnings = 3, Together = 16;

    private readonly List<(DataRow Row, string Message)> warnings = [];
    private int unusable, unanswered;

    /// <summary>The rows that can be swept by a model's tokens, as grids.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="vocabularySize">The model's.</param>
    /// <param name="roles">The roles to patch by; null for positions.</param>
    /// <param name="optionsOf">What is patched and measured, of a pair.</param>
    /// <exception cref="PatchKernelException">A row can't be swept, or fewer than two are left.</exception>
    public IReadOnlyList<(DataRow Row, SweepRequest Request)> Requests(
        Tokenizer tokenizer, int vocabularySize, IReadOnlyList<TokenRole>? roles, Func<PromptPair, SweepOptions> optionsOf)
    {
        List<(DataRow, SweepRequest)> requests = [];
        foreach (var row in data.Rows)
            Try(row, () =>
            {
                var check = RowCheck.Of(row, tokenizer, roles, vocabularySize);
                ThrowIfErrors(check.Findings);
                requests.Add((row, new(check.Pair!, optionsOf(check.Pair!))));
                Warn(row, check.Findings);
            });
        return Enough(requests);
    }

    /// <summary>Runs both prompts of each row, and leaves out those whose gap gives no score and, where that is asked for, those that aren't answered rightly.</summary>
    /// <exception cref="PatchKernelException">A row gives no score, or fewer than two are left.</exception>
    public IReadOnlyList<(DataRow Row, SweepRequest Request)> WithRuns(
        IReadOnlyList<(DataRow Row, SweepRequest Request)> requests, LanguageModel model, bool onlyAnswered, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        List<(DataRow, SweepRequest)> kept = [];
        // Side by side, so that the weights are read once for all of a part.
        var runsOf = requests.Chunk(Together).SelectMany((part, done) =>
        {
            progress?.Report(new(done * Together, requests.Count));
            return Baseline.RunEach(model, [.. part.Select(row => row.Request.Pair)], [part[0].Request.Options.Metric], cancel);
        });
        foreach (var ((row, request), (found, fault)) in requests.Zip(runsOf))
            Try(row, () =>
            {
                var runs = found ?? throw fault!;
                // Noise makes another gap, which the sweep itself looks at.
                var findings = request.Options.Source is PatchSource.Noise ? [] : RunFindings(request.Pair, runs, request.Options.Metric);
                ThrowIfErrors(findings);
                var isAnswered = runs.Answers(request.Pair);
                if (!isAnswered) unanswered++;
                if (onlyAnswered && !isAnswered) return;
                kept.Add((row, request));
                Warn(row, findings);
            });
        return Enough(kept);
    }

    /// <summary>Says how many rows there are and were left out, and shows the first warnings.</summary>
    /// <param name="swept">How many are swept.</param>
    /// <param name="onlyAnswered">Whether the others were left out.</param>
    /// <param name="done">What is done with them.</param>
    public void Report(int swept, bool onlyAnswered, string done = "swept")
    {
        var bad = data.Skipped.Count + unusable;
        RunView.Labelled(terminal, "data", $"{data.Path}: {swept} of {Excerpt.Count(data.Total, "row")} {done}{(bad > 0 ? $", {bad} bad and left out" : "")}{(data.Rows.Count + data.Skipped.Count < data.Total ? "; --skip, --limit and --sample choose others" : "")}");
        RunView.Labelled(terminal, "answered", unanswered == 0 ? "all rightly, in both runs"
            : onlyAnswered ? $"all rightly, in both runs; {Excerpt.Count(unanswered, "other")} left out" : $"{swept - unanswered} of {swept} rightly in both runs; --only-answered leaves the others out");
        foreach (var (row, message) in data.Skipped.Take(ShownWarnings).Select(row => (row.Line, row.Reason))) terminal.Warning($"Left out: line {row}, {message}.");
        foreach (var (row, message) in warnings.Take(ShownWarnings)) terminal.Warning($"Line {row.Line}: {message}");
        if (warnings.Count > ShownWarnings) terminal.Warning($"{Excerpt.Count(warnings.Count - ShownWarnings, "more finding")}, on {Excerpt.Count(warnings.Select(each => each.Row.Line).Distinct().Count(), "row")} in all; --row shows one row's.");
    }

    /// <summary>What the runs say of the gap; who answers something else is counted, not listed.</summary>
    private static IReadOnlyList<Finding> RunFindings(PromptPair pair, Baseline runs, Metric metric) => [.. Sweeps.RunFindings.OfGap(pair, runs, metric, answers: false)];

    private void Try(DataRow row, Action work)
    {
        try
        {
            work();
        }
        catch (PatchKernelException e)
        {
            if (!skipsBad) throw new PatchKernelException($"{data.Path}, line {row.Line}: {e.Message}", e);
            unusable++;
            warnings.Add((row, $"Left out: {e.Message}"));
        }
    }

    private void Warn(DataRow row, IEnumerable<Finding> findings) => warnings.AddRange(findings.Where(finding => finding.Severity == Severity.Warning).Select(finding => (row, finding.Message)));

    private static void ThrowIfErrors(IEnumerable<Finding> findings)
    {
        if (findings.FirstOrDefault(finding => finding.Severity == Severity.Error) is { } error) throw new PatchKernelException(error.Message);
    }

    private List<(DataRow, SweepRequest)> Enough(List<(DataRow Row, SweepRequest)> rows) => rows.Count > 1 ? rows : throw new PatchKernelException(
        $"Of the {data.Rows.Count} rows of '{data.Path}' {(rows is [var one] ? $"only the one on line {one.Row.Line} is left, and an average needs two; give it as --row {one.Row.Line}" : "none is left")}"
        + (warnings is [var first, ..] ? $"; line {first.Row.Line}: {first.Message}" : "."));
}
