using System.Globalization;

namespace PatchKernel.Sweeps;

/// <summary>A result in one line.</summary>
internal static class SweepSummary
{
    public static string Of(SweepResult result)
    {
        var pair = result.Pair.Name is { } name ? $"pair {name}" : $"{result.Pair.CleanTarget} or {result.Pair.CorruptTarget}";
        var grid = string.Join(" × ", result.Axes.Zip(result.Shape, (axis, size) => $"{size} {Plural(axis)}"));
        var noise = result.Noise is { } added ? $", noise of {Noise(added)}" : "";
        return FormattableString.Invariant(
            $"{result.Model.Name}, {pair}: {result.SiteName}, {SweepFile.NameOf(result.Direction)}, {result.Metric.Name}{noise}{(result.IsEstimate ? $", estimated by {result.Method}" : "")}, {grid}; {RangeOf(result)}");
    }

    /// <summary>What a run was noised with: everything that makes the same draws again.</summary>
    public static string Noise(PatchSource.Noise noise)
    {
        var where = noise.Positions is { Count: > 0 } at ? $" at {(at.Count == 1 ? "position" : "positions")} {string.Join(", ", at)}" : "";
        return FormattableString.Invariant($"{noise.StandardDeviation} × the embeddings' standard deviation{where}, mean of {noise.Samples} samples, seed {noise.Seed}");
    }

    /// <summary>Lowest and highest; those that are not a number left out.</summary>
    public static (float Min, float Max) Extremes(IEnumerable<float> scores)
    {
        var finite = scores.Where(float.IsFinite).DefaultIfEmpty(float.NaN).ToArray();
        return (finite.Min(), finite.Max());
    }

    /// <summary>A score with four decimals; a zero has no sign.</summary>
    public static string Fixed(float score) => (Math.Round((double)score, 4) + 0.0).ToString("F4", CultureInfo.InvariantCulture);

    private static string RangeOf(SweepResult result)
    {
        if (!result.HasScore(result.Metric)) return WithoutScore(result);
        var (min, max) = Extremes(result.NormalisedScore);
        if (float.IsNaN(min)) return "no score is a number";
        // Denoising starts from 0 and looks for what brings 1 back; noising starts from 1 and looks for what breaks it.
        var strongest = result.Direction == Direction.Denoising ? max : min;
        var side = result.Direction == Direction.Denoising ? "highest" : "lowest";
        var cell = Array.IndexOf(result.NormalisedScore, strongest);
        return $"scores {Fixed(min)} to {Fixed(max)}, {side} at {PlaceOf(result, cell)}";
    }

    private static string WithoutScore(SweepResult result)
    {
        var (min, max) = Extremes(result.Raw(result.Metric));
        return $"{result.Metric.Name} {Fixed(min)} to {Fixed(max)}, which has no score";
    }

    /// <summary>Where a cell is, in words.</summary>
    public static string PlaceOf(SweepResult result, int cell)
    {
        var index = SweepGrid.IndexOf(cell, result.Shape);
        return string.Join(", ", result.Axes.Zip(
            index, (axis, at) => axis is "pos" or "query_pos" ? $"{axis} {at} {result.Pair.Clean.Label(at)}"
                : axis == "role" && result.Places is { } places ? PlaceText.Named(result.Pair, places[at])
                : $"{axis} {at}"));
    }

    private static string Plural(string axis) => axis switch
    {
        "pos" => "positions",
        "query_pos" => "query positions",
        _ => $"{axis}s",
    };
}
