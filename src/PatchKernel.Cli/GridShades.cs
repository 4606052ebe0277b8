namespace PatchKernel.Cli;

/// <summary>A character for each number of a grid, where a terminal has neither colours nor room for numbers: the darker, the further from nothing.</summary>
internal sealed class GridShades
{
    private const string Rising = "·░▒▓█", Signed = "#=-·░▒█"; // signed: what is below 0 looks other than what is above

    private readonly Heatmap chart;
    private readonly string shades;

    public GridShades(Heatmap chart)
    {
        this.chart = chart;
        shades = chart.Scale.IsDiverging ? Signed : chart.Scale.Stops[0].IsDark ? string.Concat(Rising.Reverse()) : Rising;
        Levels = [.. Enumerable.Range(0, shades.Length).Select(level => chart.Range.Low + (chart.Range.High - chart.Range.Low) * level / (shades.Length - 1))];
    }

    /// <summary>Stands for what is not a number.</summary>
    public static char NotANumber => '?';

    /// <summary>The numbers that the shades stand for, the lowest first.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>Whether any cell is not a number.</summary>
    public bool HasNotANumber => (from layer in Enumerable.Range(0, chart.Layers) from row in Enumerable.Range(0, chart.RowLabels.Count) select chart.Score(layer, row)).Any(float.IsNaN);

    /// <summary>A number's shade.</summary>
    public char Of(double value) => double.IsNaN(value)
        ? NotANumber
        : shades[(int)Math.Round(Math.Clamp((value - Levels[0]) / (Levels[^1] - Levels[0]), 0, 1) * (shades.Length - 1))];

    /// <summary>A level as the legend names it.</summary>
    public string Figure(double level) => GridLayout.Fixed(level, (Levels[^1] - Levels[0]) switch { >= 100 => 0, >= 10 => 1, _ => 2 });
}
