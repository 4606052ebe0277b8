using Plotly.NET;
using Plotly.NET.LayoutObjects;
using static PatchKernel.Charts.PlotlyStyle;
using AxisId = Plotly.NET.StyleParam.LinearAxisId;

namespace PatchKernel.Charts;

/// <summary>A graph's boxes and marks, which have a size in pixels however large the page is, and what is written in them.</summary>
internal static class GraphShapes
{
    /// <summary>The boxes and marks, lettered as the page has room.</summary>
    public static IEnumerable<Shape> Of(GraphPanel graph, PlotlyRoom room, int index)
    {
        var letters = graph.Letters(room.DataWidth, room.DataHeight(index));
        return
        [
            .. graph.Inputs.Select(input => Of(input, letters.MarkOf(input), index + 1, "circle")),
            .. graph.Boxes.Select(box => Of(box, letters.BoxOf(box), index + 1, "rect")),
        ];
    }

    /// <summary>What is written in them.</summary>
    /// <remarks>Not the shapes' own labels: plotly.js 2.28 puts those of shapes with a size in pixels into a corner.</remarks>
    public static IEnumerable<Annotation> Labels(GraphPanel graph, PlotlyRoom room, int index)
    {
        var letters = graph.Letters(room.DataWidth, room.DataHeight(index));
        return
        [
            .. graph.Inputs.Where(_ => letters.InputSize > 0).Select(input => Label(input, letters.LetterOf(input), letters.InputSize, index + 1)),
            .. graph.Boxes.Where(_ => letters.Size > 0).Select(box => Label(box, letters.LabelOf(box), letters.Size, index + 1)),
        ];
    }

    private static Shape Of(GraphBox box, (double Width, double Height) size, int number, string type) => new Shape().Set(
        ("type", type), ("xref", AxisId.NewX(number).ToString()), ("yref", AxisId.NewY(number).ToString()), ("xsizemode", "pixel"), ("ysizemode", "pixel"),
        ("xanchor", box.X), ("yanchor", box.Y), ("x0", -size.Width / 2), ("x1", size.Width / 2), ("y0", -size.Height / 2), ("y1", size.Height / 2),
        ("fillcolor", Colour(GraphPanel.Fill)), ("line", new Line().Set(("color", Colour(GraphPanel.Frame)), ("width", 1))));

    private static Annotation Label(GraphBox box, string text, float size, int number) => new Annotation().Set(
        ("text", PlotlyFigure.Escaped(text)), ("font", Font.init(null, size, Colour(GraphPanel.Ink))), ("showarrow", false), ("borderpad", 0),
        ("x", box.X), ("xref", AxisId.NewX(number).ToString()), ("y", box.Y), ("yref", AxisId.NewY(number).ToString()));
}
