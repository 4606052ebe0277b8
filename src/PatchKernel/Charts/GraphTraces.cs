using Plotly.NET;
using static PatchKernel.Charts.PlotlyStyle;
using Draw = Plotly.NET.CSharp.Chart;

namespace PatchKernel.Charts;

/// <summary>What a figure draws of a graph, besides its boxes.</summary>
internal static class GraphTraces
{
    /// <summary>The legend's two lines, which mark belongs to which box, the edges with the strongest on top, and what a hover says of boxes and marks.</summary>
    public static IEnumerable<GenericChart> Of(GraphPanel graph) =>
    [
        .. graph.Signs.Select(sign => OfSign(sign.Name, sign.IsNegative)),
        .. graph.Links.Select(link => Line([(link.From.X, link.From.Y), (link.To.X, link.To.Y)], GraphPanel.Frame, 1, 1, false).SetTraces(("meta", "link"), ("hoverinfo", "skip"))),
        .. graph.Edges.Select(OfEdge),
        OfHovers([.. graph.Boxes, .. graph.Inputs]),
    ];

    // A click on it hides all edges of its sign.
    private static GenericChart OfSign(string name, bool isNegative) =>
        Line([(0, double.NaN)], GraphEdge.ColourOf(isNegative), 4, 1, isNegative).SetTraces(("name", name), ("legendgroup", name), ("showlegend", true), ("hoverinfo", "skip"));

    private static GenericChart OfEdge(GraphEdge edge) => Line(edge.Path, edge.Colour, edge.Width, edge.Opacity, edge.IsNegative).SetTraces(
        ("name", PlotlyFigure.Escaped(edge.Edge.Edge.ToString())), ("legendgroup", edge.IsNegative ? "negative" : "positive"),
        ("meta", edge.Edge.Exact is { } exact ? new[] { edge.Edge.Score, exact } : [edge.Edge.Score]),
        ("hovertemplate", $"{PlotlyFigure.Escaped(edge.Edge.Edge.Sender)} → {PlotlyFigure.Escaped(edge.Edge.Edge.Receiver)}<br>score %{{meta[0]:.4g}}"
            + (edge.Edge.Exact is null ? "" : "<br>exact %{meta[1]:.4g}") + "<extra></extra>"));

    private static GenericChart Line(IReadOnlyList<(double X, double Y)> path, Rgb colour, double width, double opacity, bool isDashed) => Draw.Scatter<double, IConvertible, string>(
        path.Select(point => Math.Round(point.X, 3)), path.Select(point => double.IsNaN(point.Y) ? null! : (IConvertible)Math.Round(point.Y, 3)),
        StyleParam.Mode.Lines, ShowLegend: false, Opacity: opacity, LineColor: Colour(colour), LineWidth: Math.Round(width, 2),
        LineDash: isDashed ? new(StyleParam.DrawingStyle.Dash, true) : default, UseDefaults: false);

    private static GenericChart OfHovers(IReadOnlyList<GraphBox> boxes) => Draw.Scatter<double, double, string>(
        boxes.Select(box => box.X), boxes.Select(box => box.Y), StyleParam.Mode.Markers, ShowLegend: false, Opacity: 0, UseDefaults: false).SetTraces(
        ("customdata", boxes.Select(box => PlotlyFigure.Escaped(box.Note.Length > 0 ? $"{box.Name}, {box.Note}" : box.Name))), ("meta", "boxes"), ("hovertemplate", "%{customdata}<extra></extra>"));
}
