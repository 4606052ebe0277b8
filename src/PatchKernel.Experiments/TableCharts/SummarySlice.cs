using PatchKernel.Charts;
using PatchKernel.Tables;
using PatchKernel.Text;

namespace PatchKernel.TableCharts;

/// <summary>The rows of a summary that a chart shows, and what it says of them.</summary>
internal sealed class SummarySlice
{
    // What tells panels apart, besides the source.
    private static readonly Func<SummaryRow, string>[] Features =
        [row => row.Site, row => row.Direction, row => row.Window == 1 ? "one layer" : $"{row.Window} layers together", row => row.Group ?? "", row => row.Model];

    private const string GroupsBy = "groups by";

    private readonly StudyChartOptions options;
    private readonly string metric;
    private readonly int[] layers;

    /// <exception cref="PatchKernelException">The summary has nothing of what was chosen.</exception>
    public SummarySlice(StudySummary summary, StudyChartOptions options)
    {
        this.options = options;
        IReadOnlyList<SummaryRow> rows = Choose(summary.Rows, GroupsBy, options.By, row => row.By, row => row.By == options.By);
        metric = options.Metric ?? (rows.FirstOrDefault(row => row.Mean is not null) ?? rows[0]).Metric;
        rows = Choose(rows, "metric", metric, row => row.Metric);
        rows = options.Model is { } model ? Choose(rows, "model", model, row => row.Model) : rows;
        rows = options.Site is { } site ? Choose(rows, "site", site, row => row.Site) : rows;
        rows = options.Direction is { } direction ? Choose(rows, "direction", direction, row => row.Direction) : rows;
        foreach (var role in options.Roles ?? []) Choose(rows, "role", role, row => row.Role);
        if (options.Roles is { } roles) rows = [.. rows.Where(row => row.Role is { } role && (role == ControlNames.RandomRole || roles.Contains(role))).OrderBy(row => Place(roles, row.Role!))];
        (Rows, layers) = (rows, [.. rows.Select(row => row.Layer).Distinct().Order()]);
    }

    /// <summary>The rows.</summary>
    public IReadOnlyList<SummaryRow> Rows { get; }

    /// <summary>Whether scores are drawn; else the metric has none, and its values are.</summary>
    public bool IsScore => Rows.Any(row => row.Mean is not null);

    /// <summary>All numbers that are drawn.</summary>
    public IReadOnlyList<float> Drawn => [.. Rows.Select(ValueOf)];

    /// <summary>What is drawn.</summary>
    public string Quantity => IsScore ? HeatmapPanel.ColourTitle : $"Mean {metric}";

    /// <summary>The layers.</summary>
    public CategoryAxis Layers => CategoryAxis.Layers(layers.Length) with { Labels = [.. layers.Select(layer => $"{layer}")] };

    /// <summary>The chart's title.</summary>
    public string Title
    {
        get
        {
            var sites = Rows.Select(row => row.Site).Distinct().ToList();
            return $"Average Indirect Effects{(sites.Count == 1 ? $" of {sites[0]}" : " by Site")}{(options.By is { } by ? $" by {by}" : "")}";
        }
    }

    /// <summary>The panels, from left to right.</summary>
    /// <param name="shuffledApart">Whether shuffled pairs have panels of their own; else they are lines beside the others.</param>
    public IEnumerable<SummaryPanel> Panels(bool shuffledApart)
    {
        var sources = Rows.Select(row => row.Source).Where(source => shuffledApart || source != ControlNames.ShuffledSource).DefaultIfEmpty(ControlNames.ShuffledSource).Distinct().ToList();
        var own = sources.Contains(PatchSource.Other.Name) ? PatchSource.Other.Name : sources[0]; // what shuffled pairs are compared with
        Func<SummaryRow, string>[] features = [.. Features, row => sources.Contains(row.Source) ? row.Source : own];
        var telling = features.Where(feature => Rows.Select(feature).Distinct().Count() > 1).ToArray();
        return Rows.GroupBy(row => string.Join(", ", telling.Select(feature => feature(row))))
            .Select(panel => new SummaryPanel(telling.Length == 0 ? null : panel.Key.Length == 0 ? "(none)" : panel.Key, [.. panel], shuffledApart));
    }

    /// <summary>The lines of panels like one of them, in its order; what one hasn't is empty in it.</summary>
    public static SummaryLine[] LinesOf(IEnumerable<SummaryPanel> panels, string rowTitle) =>
        [.. panels.Where(panel => panel.RowTitle == rowTitle).SelectMany(panel => panel.Lines).Distinct().OrderBy(line => line.IsControl)];

    /// <summary>Whether shuffled pairs have panels of their own in a grid: beside a few roles there is room for them.</summary>
    public bool ShufflesApart => Rows.Any(row => row.Role is null || row.Head is not null);

    /// <summary>A line's row at each layer; null where it has none.</summary>
    public SummaryRow?[] Along(SummaryPanel panel, SummaryLine line)
    {
        var rows = panel.Rows.Where(row => SummaryLine.Of(row, panel.ShuffledApart) == line).ToDictionary(row => row.Layer);
        return [.. layers.Select(layer => rows.GetValueOrDefault(layer))];
    }

    /// <summary>The number that is drawn.</summary>
    public float ValueOf(SummaryRow? row) => Number(IsScore ? row?.Mean : row?.MeanValue);

    /// <summary>A number, or none.</summary>
    public static float Number(double? value) => (float)(value ?? double.NaN);

    /// <summary>The lines under the title.</summary>
    public IReadOnlyList<string> Caption(ColourRange range, string interval)
    {
        var pairs = Rows.Select(row => row.Pairs).Distinct().Order().ToList();
        var count = pairs.Count == 1 ? Excerpt.Count(pairs[0], "pair") : $"{pairs[0]} to {pairs[^1]} pairs";
        return
        [
            $"{Each(row => row.Model)}, {count}{(options.By is null ? "" : " a group")} · {Each(row => row.Site)}, {How()}",
            IsScore ? $"Score {metric}: 0 in the {CorruptRuns()} run, 1 in the clean run; mean over the pairs{interval}" : $"{metric}: mean over the pairs",
            .. Controls(),
            HeatmapCaption.DataRange(Drawn, range),
        ];
    }

    private IEnumerable<string> Controls()
    {
        List<string> controls = [];
        if (Rows.Any(row => row.Role == ControlNames.RandomRole)) controls.Add("a random position");
        if (Rows.Any(row => row.Source == ControlNames.ShuffledSource)) controls.Add("activations of another pair (shuffled)");
        if (controls.Count > 0) yield return $"To compare with: {string.Join(", and ", controls)}";
    }

    // What was put in, by direction; of shuffled pairs the controls' line says it.
    private string How() => string.Join("; ", Rows.Where(row => row.Source != ControlNames.ShuffledSource).GroupBy(row => row.Direction)
        .Select(direction => $"{direction.Key}: {string.Join("; ", direction.Select(row => row.Source).Distinct().Select(source => Put(direction.Key == "denoising", source)))}"));

    // With noise, the noised clean run stands in for the corrupt one.
    private static string Put(bool denoising, string source)
    {
        var corrupt = source == PatchSource.NoiseName ? "noised" : "corrupt";
        var (other, run) = denoising ? ("clean", corrupt) : (corrupt, "clean");
        return $"{(source is PatchSource.NoiseName || source == PatchSource.Other.Name ? other : source.Replace('_', ' '))} activations put into the {run} run";
    }

    private string CorruptRuns() => string.Join(" or ", Rows.Select(row => row.Source == PatchSource.NoiseName ? "noised" : "corrupt").Distinct());

    private string Each(Func<SummaryRow, string> of) => string.Join(", ", Rows.Select(of).Distinct());

    private static int Place(IReadOnlyList<string> roles, string role) => role == ControlNames.RandomRole ? roles.Count : roles.Index().First(other => other.Item == role).Index;

    private static SummaryRow[] Choose(
        IReadOnlyList<SummaryRow> rows, string what, string? wanted, Func<SummaryRow, string?> of, Func<SummaryRow, bool>? chosen = null)
    {
        SummaryRow[] found = [.. rows.Where(chosen ?? (row => of(row) == wanted))];
        if (found.Length > 0) return found;
        string[] there = [.. rows.Select(of).OfType<string>().Distinct()];
        throw new PatchKernelException(rows.Count == 0 ? "The summary is empty: there is nothing to draw."
            : $"The summary has no {what} \"{wanted}\"{(there.Length == 0 ? "" : $"; it has {Excerpt.List(there, text => $"\"{text}\"")}")}."
            + (what == GroupsBy ? $" A column groups pairs where it has 2 to {SummaryGroup.MostValues} different values, and fewer than there are pairs." : ""));
    }
}
