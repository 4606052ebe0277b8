using PatchKernel.Metrics;
using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>Scores averaged over several sweeps, of several pairs say, with 95 % confidence intervals of the mean (Student's t).</summary>
/// <remarks>
/// Prompts of different pairs have different tokens at a position, so positions are averaged by what they are: the subject's last token (the
/// last one at which the two prompts differ), those after it, and the prompt's last. Heads are averaged one by one, and so are roles: of <c>.each</c> over a
/// pair's tokens first, so that a pair counts once however many tokens its span has.
/// </remarks>
public sealed partial class SweepAverage
{
    private SweepAverage(IReadOnlyList<SweepResult> results, IReadOnlyList<string> rows, float[][] samples)
    {
        (Results, Rows) = (results, rows);
        (Mean, Lower, Upper) = (new float[samples[0].Length], new float[samples[0].Length], new float[samples[0].Length]);
        for (var i = 0; i < Mean.Length; i++)
        {
            var interval = MeanInterval.Of([.. samples.Select(sample => (double)sample[i])]);
            (Mean[i], Lower[i], Upper[i]) = ((float)interval.Mean, (float)interval.Lower, (float)interval.Upper);
        }
    }

    /// <summary>What was averaged.</summary>
    public IReadOnlyList<SweepResult> Results { get; }

    /// <summary>What a row is: a kind of token, a role, or a head.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>Whether a row is a head.</summary>
    public bool RowsAreHeads => Results[0].Axes[1] == "head";

    /// <summary>Number of layers.</summary>
    public int Layers => Results[0].Shape[0];

    /// <summary>The means, flat, [rows, layers].</summary>
    public float[] Mean { get; }

    /// <summary>The intervals' lower ends, flat, [rows, layers].</summary>
    public float[] Lower { get; }

    /// <summary>The intervals' upper ends, flat, [rows, layers].</summary>
    public float[] Upper { get; }

    /// <summary>Averages results over layers and positions, roles or heads.</summary>
    /// <exception cref="PatchKernelException">There are fewer than two, or they differ in site, direction, source, metric, layers, roles or heads.</exception>
    public static SweepAverage Of(params IReadOnlyList<SweepResult> results)
    {
        if (results.Count < 2) throw new PatchKernelException("An average with an interval needs at least two results.");
        var first = results[0];
        if (results.Any(result => Kind(result) != Kind(first)))
            throw new PatchKernelException($"Only like can be averaged; these are {string.Join(" and ", results.Select(Kind).Distinct().Take(2))}.");
        var axes = string.Join(" × ", first.Axes);
        if (axes == "layer × head")
            return new(results, [.. Enumerable.Range(0, first.Shape[1]).Select(head => $"{head}")],
                [.. results.Select(result => Means(result, [.. Enumerable.Range(0, first.Shape[1]).Select(head => new[] { head })]))]);
        if (axes == "layer × role" && first.Places is not null) return new(results, Roles(first), [.. results.Select(ByRole)]);
        if (axes != "layer × pos")
            throw new PatchKernelException($"An average needs results over layer × pos, layer × role or layer × head; the axes here are {axes}, so draw these one by one, or sweep heads without positions.");
        var between = results.All(result => Subject(result) + 1 < result.Shape[1] - 1);
        return new(results, between ? ["subject's last token", "tokens between", "last token"] : ["subject's last token", "last token"],
            [.. results.Select(result => Kinds(result, between))]);
    }

    /// <summary>What was averaged, and where the mean is highest.</summary>
    public override string ToString()
    {
        var highest = Array.IndexOf(Mean, Mean.Max());
        var row = RowsAreHeads ? $"head {Rows[highest / Layers]}" : Rows[highest / Layers];
        return $"{Results.Count} sweeps, {Kind(Results[0])}: highest mean {SweepSummary.Fixed(Mean[highest])} "
            + $"({SweepSummary.Fixed(Lower[highest])} to {SweepSummary.Fixed(Upper[highest])}) at layer {highest % Layers}, {row}";
    }

    private static string Kind(SweepResult result)
    {
        var sizes = result.Axes.Zip(result.Shape, (axis, size) => axis is "pos" or "query_pos" ? axis
            : axis == "role" && result.Places is not null ? $"roles {string.Join(", ", Roles(result))}" : $"{size} {axis}s");
        var source = result.Source == PatchSource.Other.Name ? "" : $"{result.Source}, ";
        var estimate = result.IsEstimate ? $"estimated by {result.Method}{(result.Conventions is { } conventions ? $" ({conventions})" : "")}, " : "";
        return $"{result.SiteName}, {SweepFile.NameOf(result.Direction)}, {source}{estimate}{result.Metric.Name}, {string.Join(" × ", sizes)}";
    }

    private static string[] Roles(SweepResult result) => [.. result.Places!.Select(place => place.Role).Distinct()];

    private static float[] ByRole(SweepResult result) =>
        Means(result, [.. Roles(result).Select(role => Enumerable.Range(0, result.Places!.Count).Where(place => result.Places[place].Role == role).ToArray())]);

    private static int Subject(SweepResult result) => result.Pair.DifferingPositions[^1];

    private static float[] Kinds(SweepResult result, bool between)
    {
        var (subject, last) = (Subject(result), result.Shape[1] - 1);
        return Means(result, between ? [[subject], [.. Enumerable.Range(subject + 1, last - subject - 1)], [last]] : [[subject], [last]]);
    }

    /// <summary>Each row's mean over its positions or heads, layer by layer.</summary>
    private static float[] Means(SweepResult result, int[][] rows) =>
        [.. rows.SelectMany(row => Enumerable.Range(0, result.Shape[0]).Select(layer => row.Average(at => result.Score(layer, at))))];
}
