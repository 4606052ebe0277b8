using PatchKernel.Sweeps;

namespace PatchKernel.Charts;

/// <summary>The lines under a heatmap's title, without which its colours can't be read.</summary>
internal static class HeatmapCaption
{
    public static IReadOnlyList<string> Of(HeatmapGrid grid, ColourKey colours) =>
        [$"{Subject(grid.Result)} · {Patched(grid.Result)}", .. Roles(grid.Result), grid.Caption, DataRange([grid], colours.Range), .. Negatives([grid], colours), .. Extras(grid.Result)];

    /// <summary>Lowest and highest number of some grids, and what colours can't show of them.</summary>
    public static string DataRange(IReadOnlyList<HeatmapGrid> grids, ColourRange range) =>
        DataRange([.. grids.SelectMany(grid => grid.Values)], range, grids.Max(grid => grid.Rounding));

    /// <summary>A line on heads whose scores are negative, where there are some.</summary>
    public static IEnumerable<string> Negatives(IReadOnlyList<HeatmapGrid> grids, ColourKey colours)
    {
        HeatmapGrid[] heads = [.. grids.Where(grid => grid.ShowsHeads)];
        if (heads.Sum(grid => grid.Negatives) is > 0 and var negative)
            yield return $"{negative} of {heads.Sum(grid => grid.Values.Length)} scores of heads are negative: further from the clean run than the {heads[0].Result.CorruptName} run is"
                + (colours.Scale.IsDiverging ? "" : "; a signed scale shows them");
    }

    /// <summary>Lowest and highest number, and what colours can't show of them.</summary>
    public static string DataRange(IReadOnlyCollection<float> values, ColourRange range, double rounding = ColourRange.Rounding)
    {
        var (min, max) = SweepSummary.Extremes(values);
        var line = $"Data range: min={SweepSummary.Fixed(min)}, max={SweepSummary.Fixed(max)}";
        var clipped = values.Count(value => range.IsBeyond(value, rounding));
        if (clipped > 0)
            line += FormattableString.Invariant(
                $" · {clipped} of {values.Count} cells lie outside {range.Low:0.##}…{range.High:0.##} by more than {rounding:0.###}, and are clipped");
        var strange = values.Count(value => !float.IsFinite(value));
        if (strange > 0) line += FormattableString.Invariant($" · {strange} of {values.Count} cells are not a number");
        return line;
    }

    private static IEnumerable<string> Extras(SweepResult result)
    {
        foreach (var line in Estimate(result, result.Agreement())) yield return line;
        if (result.Axes.Count == 3) yield return "Each cell shows the head whose patch does most";
        if (result.CellsRun is { } run && run < result.CleanTarget.Length)
            yield return $"{run} of {result.CleanTarget.Length} cells were run; the others show the unpatched run";
        if (result.Noise is { } noise) yield return $"Noised: {SweepSummary.Noise(noise)}";
        if (result.Verified is { } verified) yield return verified.ToString();
    }

    /// <summary>Of an estimate its conventions, and how near it is to the exact effect, in the metric's own unit.</summary>
    public static IEnumerable<string> Estimate(SweepResult result, CheckedEstimates? check)
    {
        if (!result.IsEstimate) yield break;
        yield return $"An estimate by {result.Method}{(result.Conventions is { } conventions ? $": {conventions}" : "")}";
        foreach (var line in check?.Lines ?? []) yield return $"Checked{(result.Metric.Unit.Length == 0 ? "" : $", in {result.Metric.Unit}")}: {line}";
    }

    /// <summary>What a row is, where rows are roles.</summary>
    public static IEnumerable<string> Roles(SweepResult result)
    {
        if (result.Places is not { } places) yield break;
        var (other, run) = Runs(result);
        var put = IsOtherRuns(result) ? $"what the {other} run has at its tokens is put at those of the {run} run" : $"its tokens of the {run} run are patched";
        yield return $"Each row is a role: {put}{(places.Any(place => place.IsMean) ? "; .mean puts their mean" : "")}";
    }

    /// <summary>The model and the pair, with the prompts' lengths where they differ.</summary>
    public static string Subject(string model, PromptPair pair) => (pair.Name is { } name ? $"{model}, pair {name}" : model)
        + (pair.Clean.Length == pair.Corrupt.Length ? "" : $" ({pair.Clean.Length} tokens clean, {pair.Corrupt.Length} corrupt)");

    /// <summary>The model and the pair of a sweep.</summary>
    public static string Subject(SweepResult result) => Subject(result.Model.Name, result.Pair);

    /// <summary>What was patched.</summary>
    public static string Site(SweepResult result) =>
        result.Window > 1 ? $"{result.SiteName} ({result.Window} layers together)" : result.SiteName;

    /// <summary>The direction, and what that means.</summary>
    public static string How(SweepResult result)
    {
        var (other, run) = Runs(result);
        if (result.Site is null) return $"in the {run} run";
        var estimated = result.IsEstimate ? $", estimated by {result.Method}" : "";
        var patch = IsOtherRuns(result) ? $"{other} activations" : $"{result.Source.Replace('_', ' ')} activations";
        return $"{SweepFile.NameOf(result.Direction)}: {patch} put into the {run} run{estimated}";
    }

    /// <summary>What was patched, and how.</summary>
    public static string Patched(SweepResult result) => $"{Site(result)}, {How(result)}";

    // Where patches come from, and the run that gets them.
    private static (string Other, string Run) Runs(SweepResult result) => result.Direction == Direction.Denoising ? ("clean", result.CorruptName) : (result.CorruptName, "clean");

    private static bool IsOtherRuns(SweepResult result) => result.Source is PatchSource.NoiseName || result.Source == PatchSource.Other.Name;

    /// <summary>What 0 and 1 are.</summary>
    public static string Ends(SweepResult result) => $"0 in the {result.CorruptName} run, 1 in the clean run";
}
