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
    public static GenericChart Draw(GenericChart figure, PlotlyRoom room, int index)
    {
        var number = index + 1;
        var (x, y) = room.Rows.Axes(index, room.DataWidth, room.DataHeight(index));
        var (idX, idY) = (PlaceId.NewXAxis(number), PlaceId.NewYAxis(number));
        var (ticksX, ticksY, labelled) = (Ticks(x, room), Ticks(y, room), room.Rows.LabelledBy(index));
        if (labelled != index) ticksY.Set(("matches", labelled == 0 ? "y" : $"y{labelled + 1}"));
        return figure
            .With(Style.withXAxis(ticksX, idX))
            .With(Style.withYAxis(ticksY, idY))
            .WithXAxisStyle<double, double, string>(
                TitleText: x.Title, TitleStandoff: 12, MinMax: Ends(x), Mirror: StyleParam.Mirror.True, ShowLine: true, ShowGrid: x.HasGrid,
                ZeroLine: HasZero(x), Anchor: AxisId.NewY(number), Domain: room.Across(index), Id: idX)
            .WithYAxisStyle<double, double, string>(
                TitleText: y.Title, TitleStandoff: 12, MinMax: Ends(y), Mirror: StyleParam.Mirror.True, ShowLine: true, ShowGrid: y.HasGrid,
                ZeroLine: HasZero(y), Anchor: AxisId.NewX(number), Domain: room.Upwards(index), Id: idY);
    }

    private static LinearAxis Ticks(DrawnAxis axis, PlotlyRoom room) => new LinearAxis().Set(
        ("tickmode", "array"), ("tickvals", axis.Ticks.Select(tick => tick.At).ToArray()),
        ("ticktext", axis.Ticks.Select(tick => PlotlyFigure.Escaped(room.Label(tick.Label))).ToArray()),
        ("ticks", "outside"), ("tickangle", axis.IsUpright ? -90 : 0), ("automargin", true));

    private static Tuple<double, double> Ends(DrawnAxis axis) => Tuple.Create(axis.Range.Low, axis.Range.High);

    private static bool HasZero(DrawnAxis axis) => axis.HasGrid && axis.HasZero && axis.Range.Low < 0;
}
