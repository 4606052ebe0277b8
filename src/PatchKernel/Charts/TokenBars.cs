using PatchKernel.Charts;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>The best next tokens as bars of their probability.</summary>
public static class TokenBars
{
    /// <summary>Draws one run's best tokens.</summary>
    public static ResultChart Draw(Prediction prediction, ChartOptions? options = null) => Draw([("", prediction)], options);

    /// <summary>Draws both runs' best tokens side by side.</summary>
    public static ResultChart Draw(Baseline runs, ChartOptions? options = null) =>
        Draw([("clean run", runs.Clean.Prediction), ("corrupt run", runs.Corrupt.Prediction)], options);

    private static ResultChart Draw(IReadOnlyList<(string Name, Prediction Prediction)> runs, ChartOptions? options)
    {
        var all = runs.SelectMany(run => run.Prediction.Best).ToArray();
        if (all.Any(token => !float.IsFinite(token.Probability)))
            throw new PatchKernelException("These runs came from a file without probabilities; run the prompts again to draw them.");
        var panels = runs.Select((run, i) => new BarPanel(
            new CategoryAxis("Next token", [.. run.Prediction.Best.Select(token => ChartText.Shortened(token.Label))]), "Probability",
            [.. run.Prediction.Best.Select(token => token.Probability)],
            [.. run.Prediction.Best.Select(token => $"{token.Percent} · logit {Html.Number(token.Logit, "F2")}")],
            [.. run.Prediction.Best.Select(token => token.Percent)], i)
        {
            Heading = run.Name.Length > 0 ? run.Name : null,
            Scale = all.Max(token => token.Probability),
        });
        string[] caption =
        [
            .. runs.Select(run => run.Prediction.Prompt).OfType<Prompt>().Select(prompt => $"After {prompt}"),
            $"Softmax over the whole vocabulary at the last position; the {runs[0].Prediction.Best.Count} best tokens",
            HeatmapCaption.DataRange([.. all.Select(token => token.Probability)], ColourRange.All),
        ];
        return new ResultChart(new(options, "Best Next Tokens", caption, [.. panels]));
    }
}
