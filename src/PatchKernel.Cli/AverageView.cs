using PatchKernel.Text;

namespace PatchKernel.Cli;

/// <summary>An average as a table: a line a layer, or of heads the highest.</summary>
internal static class AverageView
{
    private const int MostHeads = 10, MostWithInterval = 4;

    /// <summary>Draws it.</summary>
    public static void Draw(Terminal terminal, SweepAverage average)
    {
        var rows = average.RowsAreHeads ? Heads(average) : Layers(average);
        foreach (var line in TextTable.Lines(rows, figures: [.. Enumerable.Range(0, rows[0].Length)])) terminal.Line(line);
    }

    private static List<string[]> Layers(SweepAverage average) =>
    [
        ["layer", .. average.Rows],
        .. Enumerable.Range(0, average.Layers).Select(layer => (string[])
        [
            $"{layer}", .. Enumerable.Range(0, average.Rows.Count).Select(row => Text(average, row * average.Layers + layer, average.Rows.Count <= MostWithInterval)),
        ]),
    ];

    private static List<string[]> Heads(SweepAverage average) =>
    [
        ["layer", "head", "highest means"],
        .. Enumerable.Range(0, average.Mean.Length).OrderByDescending(cell => average.Mean[cell]).Take(MostHeads)
            .Select(cell => (string[])[$"{cell % average.Layers}", average.Rows[cell / average.Layers], Text(average, cell, withInterval: true)]),
    ];

    private static string Text(SweepAverage average, int cell, bool withInterval) =>
        withInterval ? $"{Number(average.Mean[cell])} ({Number(average.Lower[cell])} to {Number(average.Upper[cell])})" : Number(average.Mean[cell]);

    private static string Number(float value) => GridLayout.Fixed(value, 2);
}
