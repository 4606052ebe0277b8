using PatchKernel.Sweeps;
using PatchKernel.Tables;

namespace PatchKernel.Units;

/// <summary>Runs a unit of a study: some pairs, all sites, one pass through the layers.</summary>
/// <param name="study">The study.</param>
/// <param name="model">The model.</param>
/// <param name="pairs">Every pair of the study in the model's tokens, in order; controls draw from them.</param>
/// <param name="rows">Their rows in the data file.</param>
/// <param name="memory">Bytes that a pass may take beside the weights: the same wherever the unit runs, so that its numbers are.</param>
internal sealed class UnitRun(Study study, LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<DataRow> rows, long memory)
{
    private readonly StudyControls controls = new(study.Seed);
    private Prompt[]? averaged;

    /// <summary>Runs some pairs.</summary>
    /// <param name="from">The first pair.</param>
    /// <param name="to">The pair behind the last.</param>
    /// <param name="progress">Receives how many cells are done.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    public UnitRows Run(int from, int to, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        int[] unit = [.. Enumerable.Range(from, to - from)];
        var runs = Baseline.Run(model, [.. unit.Select(at => pairs[at])], study.Metrics, cancel);
        PairRow[] table = [.. unit.Zip(runs, (at, baseline) => RowOf(at, baseline))];
        Planned[] planned = [.. unit.Zip(table).Where(pair => pair.Second.LeftOut is null).SelectMany(pair => Plan(pair.First))];
        if (planned.Length == 0) return new([], table, null);
        var verify = study.Verify ?? (study.Dtype == "float32" ? 0 : Verification.WhenNarrow);
        // Of one grid, another one in each unit.
        ref var drawn = ref planned[controls.Draw("verify", rows[from].Name, planned.Length)];
        drawn = drawn with { Request = drawn.Request with { Options = drawn.Request.Options with { Verify = verify } } };
        var results = Sweep.Run(model, [.. planned.Select(each => each.Request)], progress, cancel);
        var cells = planned.Zip(results, (each, result) => new ResultCells(model.Name, each.Source, result).Rows()).SelectMany(each => each);
        return new([.. cells], table, results.Select(result => result.Verified).FirstOrDefault(verified => verified is not null));
    }

    private PairRow RowOf(int at, Baseline baseline)
    {
        var (pair, row) = (pairs[at], rows[at]);
        var answered = baseline.Answers(pair);
        var error = PairCheck.Run(pair, model.Config.DVocab, byRole: study.Roles is not null).WithRuns(baseline, study.Metrics[0]).Findings
            .FirstOrDefault(finding => finding.Severity == Severity.Error);
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
            CleanBest = Text(baseline.Clean.Best[0]),
            CorruptBest = Text(baseline.Corrupt.Best[0]),
            Answered = answered,
            LeftOut = study.OnlyAnswered && !answered ? "not answered rightly in both runs" : error?.Message,
            Values = new Dictionary<string, (float, float)>(
            [
                new("clean_target", (baseline.Clean.CleanTarget, baseline.Corrupt.CleanTarget)),
                new("corrupt_target", (baseline.Clean.CorruptTarget, baseline.Corrupt.CorruptTarget)),
                .. study.Metrics.Select(metric => KeyValuePair.Create(metric.Name, (baseline.Clean.Of(metric), baseline.Corrupt.Of(metric)))),
            ]),
            Columns = row.Columns,
        };

        static string Text(TokenLogit token) => token.Text ?? FormattableString.Invariant($"{token.Id}");
    }

    private IEnumerable<Planned> Plan(int at)
    {
        var pair = pairs[at];
        var roles = RolesOf(pair);
        foreach (var site in study.Sites)
            foreach (var window in study.Windows)
                foreach (var direction in study.Directions)
                {
                    var options = study.Options(site, window) with { Direction = direction, Roles = roles, Memory = memory, MayLackGap = true };
                    foreach (var (name, source) in SourcesOf(at, options)) yield return new(name, new SweepRequest(pair, options with { Source = source }));
                }
    }

    private IReadOnlyList<TokenRole>? RolesOf(PromptPair pair)
    {
        if (study.Roles is null || !study.ControlsRun.Contains(StudyControl.Random)) return study.Roles;
        return controls.RandomPosition(pair, [.. study.Roles.SelectMany(role => role.In(pair.Clean, pair.Corrupt))]) is { } random ? [.. study.Roles, random] : study.Roles;
    }

    private IEnumerable<(string Name, PatchSource Source)> SourcesOf(int at, SweepOptions options)
    {
        foreach (var source in study.Sources) yield return (source.Name, SourceOf(source, at, options));
        if (study.ControlsRun.Contains(StudyControl.Shuffled) && controls.Donor(pairs[at], pairs, other => SourceFit.Fault(pairs[at], options, Side(other)) is null) is { } donor)
            yield return (ControlNames.ShuffledSource, new PatchSource.Resampled(Side(donor)));

        Prompt Side(PromptPair other) => options.Direction == Direction.Denoising ? other.Clean : other.Corrupt;
    }

    private PatchSource SourceOf(StudySource source, int at, SweepOptions options) => source.Name switch
    {
        "zero" => PatchSource.Zero,
        "noise" => new PatchSource.Noise(source.StandardDeviation, source.Samples, controls.Draw("noise", rows[at].Name, int.MaxValue)),
        "mean" => Mean(source, pairs[at], options),
        _ => PatchSource.Other,
    };

    private PatchSource.Mean Mean(StudySource source, PromptPair pair, SweepOptions options)
    {
        averaged ??= [.. controls.Sample("mean", source.Prompts, 2 * pairs.Count).Select(at => at % 2 == 0 ? pairs[at / 2].Clean : pairs[at / 2].Corrupt)];
        return SourceFit.Mean(averaged, pair, options);
    }

    private readonly record struct Planned(string Source, SweepRequest Request);
}

/// <summary>A unit's results.</summary>
/// <param name="Results">Its rows.</param>
/// <param name="Pairs">Its pairs, those that were left out among them.</param>
/// <param name="Verified">How far some cells were from a full forward; null where none was compared.</param>
internal sealed record UnitRows(IReadOnlyList<ResultRow> Results, IReadOnlyList<PairRow> Pairs, Verification? Verified);
