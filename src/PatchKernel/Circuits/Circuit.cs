using PatchKernel.Circuits;

namespace PatchKernel;

/// <summary>Some of a model's edges: a claim about which of them its answer needs.</summary>
public sealed class Circuit
{
    private readonly bool[] live;

    /// <summary>A circuit of some edges.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="edges">The edges; none makes the empty circuit.</param>
    /// <exception cref="PatchKernelException">The graph lacks one of them.</exception>
    public Circuit(EdgeGraph graph, params IEnumerable<Edge> edges) : this(graph, new bool[graph.Count])
    {
        foreach (var edge in edges) live[graph.IndexOf(edge)] = true;
    }

    internal Circuit(EdgeGraph graph, bool[] live) => (Graph, this.live) = (graph, live);

    /// <summary>The circuit of all edges, which is the whole model.</summary>
    /// <param name="graph">The model's graph.</param>
    public static Circuit Whole(EdgeGraph graph) => new(graph, Enumerable.Repeat(true, graph.Edges.Count).ToArray());

    /// <summary>The model's graph.</summary>
    public EdgeGraph Graph { get; }

    /// <summary>Its edges, in the graph's order.</summary>
    public IReadOnlyList<Edge> Edges => [.. Graph.Edges.Where((_, edge) => live[edge])];

    /// <summary>How many edges it has.</summary>
    public int Count => live.Count(isLive => isLive);

    /// <summary>All edges that it lacks: the model with the circuit knocked out.</summary>
    public Circuit Complement() => new(Graph, [.. live.Select(isLive => !isLive)]);

    /// <summary>The circuit without what leads nowhere: heads and MLPs into which or out of which no edge of it goes, and their edges.</summary>
    /// <remarks>
    /// Where the other edges carry another run, this changes nothing, but for models with a norm behind attention, or over all heads' queries and keys, in which a layer's heads
    /// share; where they carry zero, it does.
    /// </remarks>
    public Circuit Pruned() => new(Graph, CircuitPruning.Of(Graph, live));

    /// <summary>Whether it has an edge.</summary>
    /// <param name="edge">The edge.</param>
    /// <exception cref="PatchKernelException">The graph lacks it.</exception>
    public bool Has(Edge edge) => live[Graph.IndexOf(edge)];

    /// <summary>How many edges of how many.</summary>
    public override string ToString() => FormattableString.Invariant($"{Count:N0} of {live.Length:N0} edges");

    /// <summary>Refuses a circuit of another model's graph.</summary>
    /// <exception cref="PatchKernelException">It is one.</exception>
    internal void CheckFor(string model, EdgeGraph graph)
    {
        if (!Graph.IsLike(graph))
            throw new PatchKernelException($"The circuit of {this} is another model's: {model} has {graph}; make it of this model's graph.");
    }

    /// <summary>Whether each edge is in it, in the graph's order.</summary>
    internal IReadOnlyList<bool> Live => live;
}
