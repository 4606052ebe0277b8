using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>A circuit as a graph: layers upwards, in each the heads from left to right and then the MLP, and an edge as wide as its score is large.</summary>
public static class CircuitChart
{
    /// <summary>Draws a circuit's edges between the components that they touch.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="edges">The circuit's edges with their scores; a positive one is purple, a negative one orange and dashed.</param>
    /// <param name="options">Title, caption and looks.</param>
    /// <exception cref="PatchKernelException">There is no edge, the graph lacks one, one is there twice, or a score isn't a number.</exception>
    public static ResultChart Draw(EdgeGraph graph, IReadOnlyList<ScoredEdge> edges, CircuitChartOptions? options = null)
    {
        options ??= new();
        if (options.Most < 1) throw new PatchKernelException($"At most {options.Most} edges is too few to draw; give a number above 0.");
        ScoredEdge[] drawn = [.. edges.OrderByDescending(edge => Math.Abs(edge.Score)).Take(options.Most)];
        var panel = new CircuitLayout(graph, drawn).Panel(drawn);
        return new(new(options, "Circuit", [.. options.Caption, CountOf(graph, edges, drawn), Key(drawn), HeatmapCaption.DataRange([.. drawn.Select(edge => edge.Score)], ColourRange.All)], panel));
    }

    /// <summary>Draws edges that were scored; the caption begins with what the scores are.</summary>
    /// <param name="scored">The edges: a circuit's, or all, of which the strongest are drawn.</param>
    /// <param name="options">Title, further caption and looks.</param>
    /// <exception cref="PatchKernelException">There is no edge, or a score isn't a number.</exception>
    public static ResultChart Draw(ScoredGraph scored, CircuitChartOptions? options = null)
    {
        options ??= new();
        return Draw(scored.Graph, scored.Edges, options with { Caption = [.. scored.Caption, .. options.Caption] });
    }

    private static string CountOf(EdgeGraph graph, IReadOnlyList<ScoredEdge> edges, ScoredEdge[] drawn) => FormattableString.Invariant(
        $"{edges.Count:N0} of {graph.Count:N0} edges{(drawn.Length < edges.Count ? FormattableString.Invariant($"; the {drawn.Length:N0} strongest are drawn") : "")}");

    private static string Key(ScoredEdge[] drawn)
    {
        var negative = drawn.Count(edge => edge.Score < 0);
        return FormattableString.Invariant($"Edges go upwards, the wider the larger the score; {drawn.Length - negative:N0} positive (purple), {negative:N0} negative (orange, dashed)");
    }
}
