using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>The logit difference by layer: what each run would answer if it ended there.</summary>
public static class LogitLensChart
{
    /// <summary>Draws both runs' logit of the clean target less that of the corrupt one, from the embeddings to the last layer.</summary>
    public static ResultChart Draw(LogitLens lens, ChartOptions? options = null)
    {
        float[] clean = [.. lens.Clean.LogitDifference], corrupt = [.. lens.Corrupt.LogitDifference];
        var labels = Enumerable.Range(0, clean.Length).Select(i => i == 0 ? "embed" : $"{i - 1}");
        var panel = new CurvePanel(
            new CategoryAxis("After layer", [.. labels]) { Origin = 1, Kept = [0] },
            DrawnAxis.Around("Logit difference", clean.Concat(corrupt)),
            [new("clean run", 0, clean), new("corrupt run", 1, corrupt)]);
        string[] caption =
        [
            HeatmapCaption.Subject(lens.Model.Name, lens.Pair),
            $"Logit of {lens.Pair.CleanTarget} less logit of {lens.Pair.CorruptTarget}: "
                + "the last position's stream after each layer, normed and unembedded",
            HeatmapCaption.DataRange([.. clean, .. corrupt], panel.Values.Range) + " logits",
        ];
        return new ResultChart(new(options, "Logit Difference by Layer", caption, panel));
    }
}
