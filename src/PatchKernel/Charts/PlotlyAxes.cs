using Plotly.NET;
using Plotly.NET.CSharp;
using Plotly.NET.LayoutObjects;
using AxisId = Plotly.NET.StyleParam.LinearAxisId;
using PlaceId = Plotly.NET.StyleParam.SubPlotId;
using Style = Plotly.NET.Chart;

namespace PatchKernel.Charts;

/// <summary>The axes of a figure's panels.</summary>
internal static class PlotlyAxes
{
    /// <summary>Draws a panel's two axes.</summary>
    public static GenericChart Draw(GenericChart figure, ChartContent content, int index)
    {
        var (panel, number) = (content.Panels[index], index + 1);
        var (x, y) = panel.Axes(PlotlyRoom.Width(content), PlotlyRoom.DataHeight(panel));
        var (idX, idY) = (PlaceId.NewXAxis(number), PlaceId.NewYAxis(number));
        return figure
            .With(Style.withXAxis(Ticks(x), idX))
            .With(Style.withYAxis(panel.ShowsRows ? Ticks(y) : Ticks(y).Set(("matches", "y")), idY))
            .WithXAxisStyle<double, double, string>(
                TitleText: x.Title, TitleStandoff: 12, MinMax: Ends(x), Mirror: StyleParam.Mirror.True, ShowLine: true, ShowGrid: x.HasGrid,
                ZeroLine: HasZero(x), Anchor: AxisId.NewY(number), Domain: PlotlyRoom.Domain(content, index), Id: idX)
            .WithYAxisStyle<double, double, string>(
                TitleText: y.Title, TitleStandoff: 12, MinMax: Ends(y), Mirror: StyleParam.Mirror.True, ShowLine: true, ShowGrid: y.HasGrid,
                ZeroLine: HasZero(y), Anchor: AxisId.NewX(number), Id: idY);
    }

    private static LinearAxis Ticks(DrawnAxis axis) => new LinearAxis().Set(
        ("tickmode", "array"), ("tickvals", axis.Ticks.Select(tick => tick.At).ToArray()),
        ("ticktext", axis.Ticks.Select(tick => PlotlyFigure.Escaped(tick.Label)).ToArray()),
        ("ticks", "outside"), ("tickangle", axis.IsUpright ? -90 : 0), ("automargin", true));

    private static Tuple<double, double> Ends(DrawnAxis axis) => Tuple.Create(axis.Range.Low, axis.Range.High);

    private static bool HasZero(DrawnAxis axis) => axis.HasGrid && axis.Range.Low < 0;
}
