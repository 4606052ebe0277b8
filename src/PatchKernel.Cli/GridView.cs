using System.Globalization;
using PatchKernel.Text;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>A sweep's grid in the terminal: tokens as rows, layers as columns.</summary>
/// <remarks>Scores are numbers on the chart's colours; without room colours alone, and without colours numbers or shades.</remarks>
internal static class GridView
{
    private const int LongestLabel = 24;
    private const string Shades = " ·░▒▓█";

    /// <summary>Draws the grid as wide as the terminal allows.</summary>
    public static void Draw(Terminal terminal, Heatmap chart)
    {
        var labels = Labels(chart);
        var layers = chart.Layers;
        var label = labels.Append(RowTitle(chart)).Max(text => text.GetCellWidth());
        var cell = CellWidth(chart, terminal.Console.Profile.Width - label - 1);
        terminal.Line($"{new string(' ', label)} layer");
        terminal.Line($"{RowTitle(chart).PadRight(label)} {Header(layers, cell)}".TrimEnd());
        for (var pos = 0; pos < labels.Count; pos++)
        {
            var title = labels[pos] + new string(' ', label - labels[pos].GetCellWidth() + 1);
            var scores = Enumerable.Range(0, layers).Select(layer => chart.Score(layer, pos));
            if (terminal.HasColours)
            {
                terminal.Console.Write(Coloured(PlainText.Of(title), scores, cell, chart));
                terminal.Line();
            }
            else terminal.Line((title + string.Concat(scores.Select(score => Plain(score, cell, chart)))).TrimEnd());
        }
        if (cell.Digits < 0 && !terminal.HasColours)
            terminal.Line($"shades '{Shades}' stand for {Number(chart.Range.Low, 1)} to {Number(chart.Range.High, 1)}");
    }

    private static string RowTitle(Heatmap chart) => chart.RowsArePositions ? $"{"pos".PadLeft(Digits(chart))} token" : "head";

    private static List<string> Labels(Heatmap chart) =>
        [.. chart.RowLabels.Select((label, row) => chart.RowsArePositions ? $"{Number(row, 0).PadLeft(Digits(chart))} {Shortened(label)}" : label)];

    private static int Digits(Heatmap chart) => Math.Max("pos".Length, Number(chart.RowLabels.Count - 1, 0).Length);

    private static string Shortened(string label)
    {
        if (label.GetCellWidth() <= LongestLabel) return label;
        var elements = new StringInfo(label);
        var kept = elements.LengthInTextElements;
        while (elements.SubstringByTextElements(0, kept).GetCellWidth() > LongestLabel - 2) kept--;
        return $"{elements.SubstringByTextElements(0, kept)}…\"";
    }

    // With sign, a score takes five characters to the hundredth and four to the tenth; a metric's own numbers may be longer.
    private static Cell CellWidth(Heatmap chart, int room)
    {
        var (layers, longer) = (chart.Layers, Math.Max(0, Number(Math.Max(Math.Abs(chart.Range.Low), Math.Abs(chart.Range.High)), 0).Length - 1));
        return room >= (6 + longer) * layers ? new(6 + longer, 2)
            : room >= (5 + longer) * layers ? new(5 + longer, 1)
            : longer > 0 && room >= (3 + longer) * layers ? new(3 + longer, 0)
            : room >= 2 * layers ? new(2, -1) : new(1, -1);
    }

    private static string Header(int layers, Cell cell)
    {
        if (cell.Digits >= 0) return string.Concat(Enumerable.Range(0, layers).Select(layer => Figure(layer, cell with { Digits = 0 })));
        var header = new char[layers * cell.Width + 4];
        Array.Fill(header, ' ');
        for (var layer = 0; layer < layers; layer += 5) Number(layer, 0).CopyTo(0, header, layer * cell.Width, Number(layer, 0).Length);
        return new string(header);
    }

    private static Paragraph Coloured(string title, IEnumerable<float> scores, Cell cell, Heatmap chart)
    {
        var row = new Paragraph(title);
        foreach (var score in scores)
        {
            var back = chart.Scale.ColourOf(score, chart.Range);
            var text = cell.Digits >= 0 ? Figure(score, cell) : new string(' ', cell.Width);
            row.Append(text, new Style(back.IsDark ? Color.White : Color.Black, new Color(back.R, back.G, back.B)));
        }
        return row;
    }

    private static string Plain(float score, Cell cell, Heatmap chart) =>
        cell.Digits >= 0 ? Figure(score, cell) : new string(Shade(score, chart.Range), cell.Width);

    private static string Figure(float score, Cell cell) => Number(score, cell.Digits).PadLeft(cell.Width - 1) + " ";

    private static char Shade(float score, ColourRange range)
    {
        if (float.IsNaN(score)) return '?';
        var part = Math.Clamp((score - range.Low) / (range.High - range.Low), 0, 1);
        return Shades[(int)Math.Round(part * (Shades.Length - 1))];
    }

    private static string Number(double value, int digits)
    {
        var text = value.ToString($"F{digits}", CultureInfo.InvariantCulture);
        // No "-0.00" for what rounds to nothing.
        return text.Any(c => c is >= '1' and <= '9') ? text : text.TrimStart('-');
    }

    private readonly record struct Cell(int Width, int Digits);
}
