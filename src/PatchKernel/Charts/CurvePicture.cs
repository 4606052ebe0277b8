using ScottPlot;

namespace PatchKernel;

/// <summary>Curves, in a picture.</summary>
internal sealed class CurvePicture : PanelPicture
{
    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp];

    private readonly CurvePanel panel;
    private readonly Theme theme;

    public CurvePicture(CurvePanel panel, Theme theme) : base(panel, theme)
    {
        (this.panel, this.theme) = (panel, theme);
        (Left, DataWidth, DataHeight, Right) = (64, 560, 300, 76 + (int)panel.Curves.Max(curve => ChartFont.Measure(curve.Name, LabelSize)));
    }

    protected override void Fill(Plot plot)
    {
        double[] x = [.. Enumerable.Range(0, panel.Columns.Count).Select(i => (double)i)];
        foreach (var tick in panel.Values.Ticks) plot.Add.HorizontalLine(tick, 1, Colour(tick == 0 ? theme.Muted : theme.Lines));
        foreach (var curve in panel.Curves)
        {
            var colour = Colour(theme.Series[curve.Series]);
            if (curve is { Lower: { } lower, Upper: { } upper })
            {
                var band = plot.Add.FillY(x, Doubles(lower), Doubles(upper));
                (band.FillColor, band.LineWidth, band.MarkerSize) = (colour.WithAlpha(.18), 0, 0);
            }
            var line = plot.Add.Scatter(x, Doubles(curve.Values), colour);
            (line.LineWidth, line.MarkerSize, line.LegendText) = (2, 7, ChartFont.Drawable(curve.Name));
            line.MarkerShape = Shapes[curve.Series];
        }
        var wide = panel.Columns.Labels.Max(label => label.Length) > 3;
        var ticks = panel.Columns.Ticks((double)DataWidth / panel.Columns.Count, wide ? 34 : 18);
        Style(plot.Axes.Bottom, panel.Columns.Title, Labels(panel.Columns, ticks));
        Style(plot.Axes.Left, panel.Values.Title, Labels(panel.Values));
        plot.Axes.SetLimits(-0.5, panel.Columns.Count - 0.5, panel.Values.Range.Low, panel.Values.Range.High);
        ShowLegend(plot);
    }

    private void ShowLegend(Plot plot)
    {
        plot.ShowLegend(Edge.Right).Alignment = Alignment.UpperLeft;
        (plot.Legend.FontName, plot.Legend.FontSize, plot.Legend.FontColor) = (ChartFont.Family, LabelSize, Colour(theme.Ink));
        (plot.Legend.BackgroundColor, plot.Legend.OutlineWidth, plot.Legend.ShadowColor) = (Colour(theme.Paper), 0, Colors.Transparent);
    }

    private static double[] Doubles(IReadOnlyList<float> values) => [.. values.Select(value => (double)value)];
}
