using PatchKernel.Charts;
using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>Several sweeps side by side on one scale: what each site, pair or direction shows that the others don't.</summary>
public sealed class Heatmaps : ResultChart
{
    private Heatmaps(ChartContent content) : base(content)
    {
    }

    /// <summary>Draws results from left to right.</summary>
    /// <exception cref="PatchKernelException">There is none, or one has axes that no heatmap shows.</exception>
    public static Heatmaps Draw(params IReadOnlyList<SweepResult> results) => Draw(results, new HeatmapOptions());

    /// <summary>Draws results from left to right.</summary>
    /// <exception cref="PatchKernelException">There is none, one has axes that no heatmap shows, or scores stand beside other numbers.</exception>
    public static Heatmaps Draw(IReadOnlyList<SweepResult> results, HeatmapOptions options)
    {
        if (results.Count == 0) throw new PatchKernelException("There is no result to draw; give at least one.");
        HeatmapGrid[] grids = [.. results.Select(result => new HeatmapGrid(result, options.Metric, options.Raw))];
        var unlike = grids.Select(grid => grid.Title).Distinct().ToArray();
        if (unlike.Length > 1) throw new PatchKernelException($"Grids on one scale need one quantity; these are {string.Join(" and ", unlike.Take(2))}.");
        results = [.. grids.Select(grid => grid.Result)];
        var colours = HeatmapGrid.ColoursOf(grids, options.Scale);
        var headings = Headings(results);
        var panels = grids.Select((grid, i) => HeatmapPanel.Of(grid, colours) with
        {
            Heading = headings[i],
        });
        var title = results.Select(result => result.SiteName).Distinct().Count() == 1 ? HeatmapPanel.TitleOf(results[0]) : "Indirect Effects by Site";
        return new(new(options, title, CaptionOf(grids, colours), [.. panels]));
    }

    // A heading says what differs; what is the same is in the caption.
    private static string[] Headings(IReadOnlyList<SweepResult> results)
    {
        Func<SweepResult, string>[] features =
        [
            result => result.SiteName,
            result => result.Pair.Name ?? result.Pair.Clean.ToString(),
            result => SweepFile.NameOf(result.Direction),
            result => result.Metric.Name,
            result => result.Noise is { } noise ? $"{result.Source}, {SweepSummary.Noise(noise)}" : result.Source,
            result => $"window {result.Window}",
            result => result.IsEstimate ? result.Method : "exact",
            result => result.Conventions ?? "",
            result => result.Model.Name,
        ];
        // What rows are shows by itself, unless nothing else differs.
        Func<SweepResult, string> rows = result => $"by {string.Join(" and ", result.Axes.Skip(1))}";
        var telling = features.Where(Differs).DefaultIfEmpty(Differs(rows) ? rows : features[0]).ToArray();
        return [.. results.Select(result => string.Join(", ", telling.Select(feature => feature(result))))];

        bool Differs(Func<SweepResult, string> feature) => results.Select(feature).Distinct().Count() > 1;
    }

    private static List<string> CaptionOf(HeatmapGrid[] grids, ColourKey colours)
    {
        return
        [
            $"{string.Join("; ", Each(grid => HeatmapCaption.Subject(grid.Result)))} · {string.Join(", ", Each(grid => HeatmapCaption.Site(grid.Result)))}",
            .. Each(grid => HeatmapCaption.How(grid.Result)),
            .. grids.SelectMany(grid => HeatmapCaption.Roles(grid.Result)).Distinct(),
            .. Each(grid => grid.Caption),
            HeatmapCaption.DataRange(grids, colours.Range),
            .. HeatmapCaption.Negatives(grids, colours),
        ];

        IEnumerable<string> Each(Func<HeatmapGrid, string> textOf) => grids.Select(textOf).Distinct();
    }
}
