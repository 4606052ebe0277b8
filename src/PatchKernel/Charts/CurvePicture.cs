using ScottPlot;
using static PatchKernel.Charts.PanelPicture;

namespace PatchKernel.Charts;

/// <summary>Curves, in a picture.</summary>
internal static class CurvePicture
{
    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp];

    /// <summary>Room for the curves and their names.</summary>
    public static PictureRoom Room(CurvePanel panel) => new(64, 560, 300, 76 + Widest(panel.Curves.Select(curve => curve.Name)));

    /// <summary>Draws the curves, the intervals around them, and their names.</summary>
    public static void Fill(Plot plot, CurvePanel panel, Theme theme)
    {
        double[] x = [.. Enumerable.Range(0, panel.Columns.Count).Select(i => (double)i)];
        foreach (var curve in panel.Curves)
        {
            var colour = Colour(Theme.Series[curve.Series]);
            if (curve is { Lower: { } lower, Upper: { } upper })
            {
                var band = plot.Add.FillY(x, Doubles(lower), Doubles(upper));
                (band.FillColor, band.LineWidth, band.MarkerSize) = (colour.WithAlpha(.18), 0, 0);
            }
            var line = plot.Add.Scatter(x, Doubles(curve.Values), colour);
            (line.LineWidth, line.MarkerSize, line.MarkerShape, line.LegendText) = (2, 7, Shapes[curve.Series], ChartFont.Drawable(curve.Name));
        }
        plot.ShowLegend(Edge.Right).Alignment = Alignment.UpperLeft;
        (plot.Legend.FontName, plot.Legend.FontSize, plot.Legend.FontColor) = (ChartFont.Family, LabelSize, Colour(theme.Ink));
        (plot.Legend.BackgroundColor, plot.Legend.OutlineWidth, plot.Legend.ShadowColor) = (Colour(theme.Paper), 0, Colors.Transparent);
    }

    private static double[] Doubles(IReadOnlyList<float> values) => [.. values.Select(value => (double)value)];
}
