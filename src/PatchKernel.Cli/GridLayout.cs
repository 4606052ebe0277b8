using System.Globalization;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>How a grid fills a terminal's width: its labels, the room of a cell, and how many layers stand side by side.</summary>
internal sealed class GridLayout
{
    private const int LongestLabel = 24, ShortestLabel = 8;

    // Where layers have no number above them, each fifth has.
    private const int Tick = 5;

    private readonly int digits; // after the point; −1 where cells are too narrow for numbers

    private GridLayout(Heatmap chart, int? width)
    {
        var longest = width is { } columns ? Math.Clamp(columns / 3, ShortestLabel, LongestLabel) : LongestLabel;
        var texts = chart.RowLabels.Select((label, row) => chart.RowsArePositions ? $"{Fixed(row, 0).PadLeft(Digits(chart))} {Shortened(label, longest)}" : Shortened(label, longest)).ToList();
        RowTitle = chart.RowsArePositions ? $"{"pos".PadLeft(Digits(chart))} token" : chart.RowAxis;
        LabelWidth = texts.Append(RowTitle).Max(text => text.GetCellWidth());
        Labels = [.. texts.Select(text => text + new string(' ', LabelWidth - text.GetCellWidth() + 1))];
        var room = width is null ? int.MaxValue : width.Value - LabelWidth - 2; // a blank before the cells, and the last column, at which some terminals go on to the next line
        (CellWidth, digits) = Cell(chart, room);
        LayersPerBlock = (long)CellWidth * chart.Layers <= room ? chart.Layers : Math.Max(Tick, room / CellWidth / Tick * Tick);
    }

    /// <summary>The row's labels, all of one width with the blank behind them.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The widest label's width, without that blank.</summary>
    public int LabelWidth { get; }

    /// <summary>The room that a cell takes.</summary>
    public int CellWidth { get; }

    /// <summary>How many layers stand side by side.</summary>
    public int LayersPerBlock { get; }

    /// <summary>Whether cells have room for numbers.</summary>
    public bool HasNumbers => digits >= 0;

    private string RowTitle { get; }

    /// <summary>The layout of a chart in a width; null where nothing bounds it.</summary>
    public static GridLayout Of(Heatmap chart, int? width) => new(chart, width);

    /// <summary>A cell's number, as wide as a cell.</summary>
    public string Figure(double value) => Cell(value, digits);

    /// <summary>The names of some layers' columns.</summary>
    public string Header(IReadOnlyList<int> layers)
    {
        var title = RowTitle.PadRight(LabelWidth + 1);
        if (HasNumbers) return (title + string.Concat(layers.Select(layer => Cell(layer, 0)))).TrimEnd();
        var columns = new char[layers.Count * CellWidth + 1];
        Array.Fill(columns, ' ');
        foreach (var (layer, at) in layers.Select((layer, index) => (layer, index * CellWidth)).Where(column => column.layer % Tick == 0))
            if (Fixed(layer, 0) is var name && at + name.Length <= columns.Length) name.CopyTo(0, columns, at, name.Length);
        return (title + new string(columns)).TrimEnd();
    }

    /// <summary>A number with some digits after the point; no "-0.00" for what rounds to nothing.</summary>
    public static string Fixed(double value, int digits)
    {
        var text = value.ToString($"F{digits}", CultureInfo.InvariantCulture);
        return text.Any(c => c is >= '1' and <= '9') ? text : text.TrimStart('-');
    }

    // With sign, a score takes five characters to the hundredth and four to the tenth; a metric's own numbers may be longer.
    private static (int Width, int Digits) Cell(Heatmap chart, int room)
    {
        var (layers, longer) = ((long)chart.Layers, Math.Max(0, Fixed(Math.Max(Math.Abs(chart.Range.Low), Math.Abs(chart.Range.High)), 0).Length - 1));
        return room >= (6 + longer) * layers ? (6 + longer, 2)
            : room >= (5 + longer) * layers ? (5 + longer, 1)
            : longer > 0 && room >= (3 + longer) * layers ? (3 + longer, 0)
            : room >= 2 * layers ? (2, -1) : (1, -1);
    }

    private string Cell(double value, int digits) => Fixed(value, digits).PadLeft(CellWidth - 1) + " ";

    private static int Digits(Heatmap chart) => Math.Max("pos".Length, Fixed(chart.RowLabels.Count - 1, 0).Length);

    private static string Shortened(string label, int longest)
    {
        if (label.GetCellWidth() <= longest) return label;
        var elements = new StringInfo(label);
        var kept = elements.LengthInTextElements;
        while (elements.SubstringByTextElements(0, kept).GetCellWidth() > longest - 2) kept--;
        return $"{elements.SubstringByTextElements(0, kept)}{(label.EndsWith('"') ? "…\"" : "…")}";
    }
}
