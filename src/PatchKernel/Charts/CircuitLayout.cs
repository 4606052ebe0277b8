using PatchKernel.Circuits;

namespace PatchKernel.Charts;

/// <summary>Where a circuit's parts are drawn: layers upwards, in a layer the heads from left to right and then the MLP; columns and layers without a part are narrow.</summary>
internal sealed class CircuitLayout
{
    private const double Empty = 0.3, Ends = 0.7, Margin = 0.2, Apart = 0.27, LeastHeight = 46, UsualHeight = 74, Highest = 1500;

    private readonly EdgeGraph graph;
    private readonly CircuitParts parts;
    private readonly double[] columns, layers;
    private readonly Dictionary<string, GraphBox> boxes = [], inputs = [];

    public CircuitLayout(EdgeGraph graph, IReadOnlyList<ScoredEdge> edges)
    {
        (this.graph, parts) = (graph, new CircuitParts(graph, edges));
        var columnsUsed = parts.Nodes.Where(node => node.Kind is NodeKind.Head or NodeKind.Mlp).Select(node => node.Place).Concat(parts.Inputs.SelectMany(parts.Heads)).ToHashSet();
        var layersUsed = parts.Nodes.Select(node => node.Layer).Concat(parts.Inputs.Select(input => input.Layer)).ToHashSet();
        columns = Starts(Margin, graph.NHeads + 1, columnsUsed);
        layers = Starts(Ends, graph.NLayers, layersUsed);
        foreach (var node in parts.Nodes) boxes[node.Name] = BoxOf(node, edges);
        foreach (var input in parts.Inputs) inputs[input.Name] = MarkOf(input);
        ColumnTicks = [.. columnsUsed.Order().Select(column => (Middle(column), column == graph.NHeads ? "mlp" : $"{column}"))];
        LayerTicks = [.. layersUsed.Where(layer => layer >= 0 && layer < graph.NLayers).Order().Select(layer => (layers[layer] + HeadRow, $"{layer}"))];
    }

    private IReadOnlyList<(double, string)> ColumnTicks { get; }

    private IReadOnlyList<(double, string)> LayerTicks { get; }

    // Where keys and values belong to several heads, they have a row of their own under the queries.
    private double KeyRow => parts.IsGrouped ? 0.1 : QueryRow;

    private double QueryRow => parts.IsGrouped ? 0.28 : 0.16;

    private double HeadRow => parts.IsGrouped ? 0.52 : 0.42;

    // In parallel with the heads the MLP is at their height: it doesn't see them.
    private double MlpRow => parts.IsParallel ? HeadRow : 0.84;

    /// <summary>The panel with all parts and edges in their places.</summary>
    public GraphPanel Panel(IReadOnlyList<ScoredEdge> edges)
    {
        var largest = edges.Max(edge => Math.Abs(edge.Score));
        GraphEdge[] drawn = [.. edges.OrderBy(edge => Math.Abs(edge.Score)).Select(edge => new GraphEdge(edge, largest == 0 ? 0 : Math.Abs(edge.Score) / largest, Path(edge.Edge)))];
        var right = Math.Max(columns[^1], drawn.Max(edge => edge.Path.Max(point => point.X))) + Margin;
        return new(
            new("Head", ColumnTicks, new(0, right)), new("Layer", LayerTicks, new(0, layers[^1] + Ends)) { HasGrid = true },
            [.. boxes.Values], [.. inputs.Values], [.. parts.Links.Select(link => (inputs[link.Input.Name], boxes[link.Head.Name]))], drawn,
            Math.Clamp(Highest / layers[^1], LeastHeight, parts.IsGrouped ? UsualHeight + 14 : UsualHeight));
    }

    private IReadOnlyList<(double X, double Y)> Path(Edge edge)
    {
        var (from, to) = (boxes[edge.Sender], inputs.GetValueOrDefault(edge.Receiver) ?? boxes[edge.Receiver]);
        return EdgePath.Of((from.X, from.Y), (to.X, to.Y));
    }

    private GraphBox BoxOf(CircuitNode node, IReadOnlyList<ScoredEdge> edges)
    {
        var (x, y) = node.Kind switch
        {
            NodeKind.Embedding => (Centre, Ends / 2),
            NodeKind.Logits => (Centre, layers[^1] + Ends / 2),
            NodeKind.Mlp => (Middle(node.Place), layers[node.Layer] + MlpRow),
            _ => (Middle(node.Place), layers[node.Layer] + HeadRow),
        };
        var inward = parts.Links.Where(link => link.Head == node).Select(link => link.Input.Name).Append(node.Name).ToHashSet();
        var (into, from) = (edges.Count(edge => inward.Contains(edge.Edge.Receiver)), edges.Count(edge => edge.Edge.Sender == node.Name));
        return new(node.Name, node.Labels, x, y, $"edges in: {into}, out: {from}");
    }

    private GraphBox MarkOf(CircuitInput input)
    {
        int[] heads = [.. parts.Heads(input)];
        var middle = (Middle(heads[0]) + Middle(heads[^1])) / 2;
        var aside = input.Kind switch { ReceiverKind.Query when parts.IsGrouped => 0, ReceiverKind.Query => -1, ReceiverKind.Key => parts.IsGrouped ? -0.75 : 0, _ => parts.IsGrouped ? 0.75 : 1 };
        var row = input.Kind == ReceiverKind.Query ? QueryRow : KeyRow;
        return new(input.Name, [parts.IsGrouped && input.Kind != ReceiverKind.Query ? $"{input.Letter}{input.Head}" : input.Letter], middle + aside * Apart, layers[input.Layer] + row);
    }

    private double Centre => (columns[0] + columns[graph.NHeads]) / 2;

    private double Middle(int column) => (columns[column] + columns[column + 1]) / 2;

    private static double[] Starts(double first, int count, HashSet<int> used)
    {
        var starts = new double[count + 1];
        starts[0] = first;
        for (var i = 0; i < count; i++) starts[i + 1] = starts[i] + (used.Contains(i) ? 1 : Empty);
        return starts;
    }
}
