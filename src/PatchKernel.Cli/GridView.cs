using PatchKernel.Text;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>A sweep's grid in the terminal: tokens as rows, layers as columns.</summary>
/// <remarks>Scores are numbers on the chart's colours; without room colours alone, and without colours numbers or shades, with a legend.</remarks>
internal static class GridView
{
    /// <summary>Draws the grid as wide as the terminal allows, in several blocks of layers where it doesn't hold all of them.</summary>
    public static void Draw(Terminal terminal, Heatmap chart)
    {
        var layout = GridLayout.Of(chart, terminal.Width);
        var shades = new GridShades(chart);
        foreach (var block in Enumerable.Range(0, chart.Layers).Chunk(layout.LayersPerBlock))
        {
            terminal.Line($"{new string(' ', layout.LabelWidth)} layer");
            terminal.Line(layout.Header(block));
            for (var row = 0; row < layout.Labels.Count; row++)
            {
                var scores = block.Select(layer => chart.Score(layer, row));
                if (terminal.HasColours) terminal.Row(Coloured(terminal.Console, chart, layout, shades, layout.Labels[row], scores));
                else terminal.Line((layout.Labels[row] + string.Concat(scores.Select(score => Plain(score, layout, shades)))).TrimEnd());
            }
        }
        if (!layout.HasNumbers) Legend(terminal, chart, shades);
    }

    private static string Plain(float score, GridLayout layout, GridShades shades) =>
        layout.HasNumbers ? layout.Figure(score) : new string(shades.Of(score), layout.CellWidth);

    private static Paragraph Coloured(IAnsiConsole console, Heatmap chart, GridLayout layout, GridShades shades, string label, IEnumerable<float> scores)
    {
        var row = new Paragraph(PlainText.Of(label));
        foreach (var score in scores)
            row.Append(Plain(score, layout, shades), layout.HasNumbers ? TerminalColours.Of(console, chart, score) : TerminalColours.Swatch(console, chart, score));
        return row;
    }

    private static void Legend(Terminal terminal, Heatmap chart, GridShades shades)
    {
        const int swatch = 2, gap = 2;
        var figures = shades.Levels.Select(shades.Figure).ToArray();
        var width = swatch + 1 + figures.Max(figure => figure.Length) + gap;
        foreach (var line in Enumerable.Range(0, figures.Length).Chunk(Math.Max(1, (terminal.Width ?? int.MaxValue) / width)))
        {
            var row = new Paragraph();
            foreach (var level in line)
            {
                row.Append(new string(shades.Of(shades.Levels[level]), swatch), TerminalColours.Swatch(terminal.Console, chart, shades.Levels[level]));
                row.Append($" {figures[level].PadRight(level == line[^1] ? 0 : width - swatch - 1)}");
            }
            terminal.Row(row);
        }
        if (shades.HasNotANumber) terminal.Line($"{new string(GridShades.NotANumber, swatch)} not a number");
    }
}
