using ScottPlot;

namespace PatchKernel.Charts;

/// <summary>Points in a picture.</summary>
internal static class PointPicture
{
    /// <summary>Draws the diagonal, and the clouds on it, the first on top.</summary>
    public static void Fill(Plot plot, PointPanel panel, PictureRoom room)
    {
        double[] ends = [panel.Ends.Low, panel.Ends.High];
        double acrossUnit = room.DataWidth / (ends[1] - ends[0]), upUnit = room.DataHeight / (ends[1] - ends[0]);
        PanelPicture.Line(plot, ends, ends, new(Theme.Series[Theme.ControlSeries], 1.5f, IsDashed: true), acrossUnit, upUnit).LegendText = panel.Diagonal;
        foreach (var cloud in panel.Clouds.Reverse())
        {
            double[] x = [.. cloud.Points.Select(point => (double)point.Exact)], y = [.. cloud.Points.Select(point => (double)point.Estimate)];
            var points = plot.Add.Markers(
                x, y, PanelPicture.Shapes[cloud.Series], 7, PanelPicture.Colour(Theme.Series[cloud.Series]).WithAlpha(.8));
            points.LegendText = cloud.Name;
        }
    }
}
