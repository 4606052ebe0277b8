using ScottPlot;

namespace PatchKernel.Charts;

/// <summary>A graph in a picture: its curves, and on them its boxes.</summary>
internal sealed class GraphPicture(Plot plot, GraphPanel graph, PictureRoom room, ChartFont font)
{
    private const int EachColumn = 92, Narrowest = 560, Widest = 1400;

    private readonly double acrossUnit = room.DataWidth / (graph.Across.Range.High - graph.Across.Range.Low);
    private readonly double upUnit = room.DataHeight / (graph.Upwards.Range.High - graph.Upwards.Range.Low);

    /// <summary>Room for a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="names">Room right of it.</param>
    public static PictureRoom RoomOf(GraphPanel graph, int names) =>
        new(64, (int)Math.Clamp(EachColumn * graph.Across.Range.High, Narrowest, Widest), (int)graph.Height, names);

    /// <summary>Draws it.</summary>
    public void Fill()
    {
        foreach (var (from, to) in graph.Links) Line([(from.X, from.Y), (to.X, to.Y)], new(GraphPanel.Frame, 1, IsDashed: false));
        foreach (var edge in graph.Edges) Line(edge.Path, new(edge.Colour, (float)edge.Width, edge.IsNegative, edge.Opacity));
        foreach (var (name, isNegative) in graph.Signs)
            PanelPicture.Line(plot, [double.NaN], [double.NaN], new(GraphEdge.ColourOf(isNegative), 4, IsDashed: false), acrossUnit, upUnit).LegendText = name;
        var letters = graph.Letters(room.DataWidth, room.DataHeight);
        foreach (var input in graph.Inputs) Mark(input, letters);
        foreach (var box in graph.Boxes) Box(box, letters);
    }

    private void Line(IReadOnlyList<(double X, double Y)> path, PictureLine look) =>
        PanelPicture.Line(plot, [.. path.Select(point => point.X)], [.. path.Select(point => point.Y)], look, acrossUnit, upUnit);

    private void Box(GraphBox box, GraphLetters letters)
    {
        var (width, height) = letters.BoxOf(box);
        var (across, upwards) = (width / acrossUnit / 2, height / upUnit / 2);
        var frame = plot.Add.Rectangle(box.X - across, box.X + across, box.Y - upwards, box.Y + upwards);
        (frame.FillColor, frame.LineColor, frame.LineWidth) = (PanelPicture.Colour(GraphPanel.Fill), PanelPicture.Colour(GraphPanel.Frame), 1);
        Write(box, letters.LabelOf(box), letters.Size);
    }

    private void Mark(GraphBox input, GraphLetters letters)
    {
        var (width, height) = letters.MarkOf(input);
        var mark = plot.Add.Ellipse(input.X, input.Y, width / acrossUnit / 2, height / upUnit / 2);
        (mark.FillColor, mark.LineColor, mark.LineWidth) = (PanelPicture.Colour(GraphPanel.Fill), PanelPicture.Colour(GraphPanel.Frame), 1);
        Write(input, letters.LetterOf(input), letters.InputSize);
    }

    private void Write(GraphBox box, string text, float size)
    {
        if (text.Length == 0) return;
        var label = plot.Add.Text(font.Drawable(text), box.X, box.Y);
        (label.LabelFontName, label.LabelFontSize, label.LabelFontColor) = (font.Family, size, PanelPicture.Colour(GraphPanel.Ink));
        (label.LabelAlignment, label.OffsetY) = (Alignment.MiddleCenter, 1);
    }
}
