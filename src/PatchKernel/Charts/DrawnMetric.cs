using PatchKernel.Sweeps;

namespace PatchKernel.Charts;

/// <summary>Which numbers of a result a chart draws: a metric's scores, or the metric's own.</summary>
internal sealed class DrawnMetric
{
    /// <param name="result">The result.</param>
    /// <param name="metric">The metric; null for the result's first.</param>
    /// <param name="raw">Whether its own numbers are drawn; those of a metric without score always are.</param>
    /// <exception cref="PatchKernelException">The metric wasn't measured.</exception>
    public DrawnMetric(SweepResult result, Metric? metric = null, bool raw = false)
    {
        Result = metric is null ? result : result.By(metric);
        IsScore = !raw && Result.HasScore(Result.Metric);
        Values = IsScore ? Result.NormalisedScore : Result.Raw(Result.Metric);
    }

    /// <summary>The result, with the drawn metric first.</summary>
    public SweepResult Result { get; }

    /// <summary>Whether scores are drawn.</summary>
    public bool IsScore { get; }

    /// <summary>The numbers, flat and row-major over the result's shape.</summary>
    public float[] Values { get; }

    /// <summary>What the colours are called.</summary>
    public string Title => IsScore ? "Normalized Score" : Named;

    /// <summary>What one number is called.</summary>
    public string Word => IsScore ? "score" : Result.Metric.Name;

    /// <summary>The number of a cell whose patch does nothing.</summary>
    public float Untouched => !IsScore ? Of(Result.Direction == Direction.Denoising ? Result.CorruptRun : Result.CleanRun) ?? 0
        : Result.Direction == Direction.Denoising ? 0 : 1;

    /// <summary>What the numbers are, and those of both runs.</summary>
    public string Caption
    {
        get
        {
            var (metric, clean, corrupt) = (Result.Metric, Target.Listed(Result.Pair.CleanTargets), Target.Listed(Result.Pair.CorruptTargets));
            var measured = metric == Metric.TargetLogit ? $"logit of {clean}"
                : metric == Metric.LogitDiff ? $"logit of {clean} less logit of {corrupt}"
                : metric.Description;
            if (IsScore) return $"Score {metric.Name}: {measured}, {HeatmapCaption.Ends(Result)}";
            var ends = (Of(Result.CorruptRun), Of(Result.CleanRun)) is ({ } low, { } high)
                ? $"; {SweepSummary.Fixed(low)} in the {Result.CorruptName} run, {SweepSummary.Fixed(high)} in the clean run" : "";
            return $"{Named}: {measured}{ends}";
        }
    }

    /// <summary>The colours of several drawings together: scores from 0 to 1, other numbers from their lowest to their highest.</summary>
    public static ColourKey ColoursOf(IReadOnlyList<DrawnMetric> drawn, ColourScale scale)
    {
        float[] all = [.. drawn.SelectMany(each => each.Values)];
        if (drawn[0].IsScore || scale.IsDiverging) return new(drawn[0].Title, scale, scale.RangeOf(all));
        var (min, max) = SweepSummary.Extremes(all);
        if (float.IsNaN(min)) (min, max) = (0, 1);
        return new(drawn[0].Title, drawn[0].Result.Metric.CleanIs == CleanIs.Lower ? scale.Reversed : scale, new(min, max > min ? max : min + 1));
    }

    private string Named => Result.Metric.Unit.Length == 0 ? Result.Metric.Name : $"{Result.Metric.Name} ({Result.Metric.Unit})";

    private float? Of(RunSummary run) => run.Values.TryGetValue(Result.Metric.Name, out var value) ? value : null;
}
