using Plotly.NET;
using static PatchKernel.Charts.PlotlyStyle;
using Draw = Plotly.NET.CSharp.Chart;

namespace PatchKernel.Charts;

/// <summary>What a figure draws of points.</summary>
internal static class PointTraces
{
    /// <summary>The diagonal, and the clouds on it, the first on top.</summary>
    public static IEnumerable<GenericChart> Of(PointPanel panel)
    {
        double[] ends = [panel.Ends.Low, panel.Ends.High];
        return panel.Clouds.Reverse().Select(OfCloud).Prepend(PlotlyTraces.Line(ends, ends, panel.Diagonal, Theme.Series[Theme.ControlSeries], isDashed: true));
    }

    private static GenericChart OfCloud(PointCloud cloud) => Draw.Scatter<float, float, string>(
        cloud.Points.Select(point => point.Exact), cloud.Points.Select(point => point.Estimate), StyleParam.Mode.Markers, Name: PlotlyFigure.Escaped(cloud.Name),
        MarkerColor: Colour(Theme.Series[cloud.Series]), MarkerSymbol: PlotlyTraces.Symbols[cloud.Series], Opacity: 0.8, UseDefaults: false)
        .SetTraces(
            ("customdata", cloud.Points.Select(point => PlotlyFigure.Escaped(point.Name))),
            ("hovertemplate", "%{customdata}<br>estimate %{y:.4g}<br>exact %{x:.4g}<br>%{fullData.name}<extra></extra>"));
}
