namespace PatchKernel;

/// <summary>The lines under a heatmap's title, without which its colours can't be read.</summary>
internal static class HeatmapCaption
{
    public static IReadOnlyList<string> Of(SweepResult result, ColourRange range, int clipped) =>
        [WhatRan(result), WhichScore(result), DataRange(result, range, clipped), .. Extras(result)];

    private static IEnumerable<string> Extras(SweepResult result)
    {
        if (result.Axes.Count == 3) yield return "Each cell shows the head whose patch does most";
        if (result.Verified is { } verified)
            yield return FormattableString.Invariant(
                $"{verified.Cells} cells computed once more by a full forward in float32: largest deviation {verified.LargestDeviation:0.0e+0} logits");
    }

    private static string WhatRan(SweepResult result)
    {
        var pair = result.Pair.Name is { } name ? $"{result.Model.Name}, pair {name}" : result.Model.Name;
        var (other, run) = result.Direction == Direction.Denoising ? ("clean", "corrupt") : ("corrupt", "clean");
        var patch = result.Source == PatchSource.Other.Name ? $"{other} activations" : $"{result.Source} activations";
        if (result.Source == "noise") (patch, run) = ($"{other} activations", result.Direction == Direction.Denoising ? "noised" : "clean");
        var window = result.Window > 1 ? $", {result.Window} layers together" : "";
        return $"{pair} · {result.Site.Name()}{window}, {SweepFile.NameOf(result.Direction)}: {patch} put into the {run} run";
    }

    private static string WhichScore(SweepResult result)
    {
        var (clean, corrupt) = (result.Pair.CleanTarget, result.Pair.CorruptTarget);
        var measured = result.Metric == Metric.TargetLogit ? $"logit of {clean}"
            : result.Metric == Metric.LogitDiff ? $"logit of {clean} less logit of {corrupt}"
            : result.Metric.Description;
        return $"Score {result.Metric.Name}: {measured}, 0 in the corrupt run, 1 in the clean run";
    }

    private static string DataRange(SweepResult result, ColourRange range, int clipped)
    {
        var (min, max) = SweepSummary.Extremes(result);
        var line = $"Data range: min={SweepSummary.Fixed(min)}, max={SweepSummary.Fixed(max)}";
        var cells = result.NormalisedScore.Length;
        if (clipped > 0)
            line += FormattableString.Invariant($" · {clipped} of {cells} cells lie outside {range.Low:0.##}…{range.High:0.##} and are clipped");
        var strange = result.NormalisedScore.Count(score => !float.IsFinite(score));
        if (strange > 0) line += FormattableString.Invariant($" · {strange} of {cells} cells are not a number");
        return line;
    }
}
