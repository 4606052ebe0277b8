using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Where in a block a patched run first differs from the base run: its row joins the wavefront there.</summary>
internal enum Stage
{
    /// <summary>In the stream entering the block: a row starts with resid_pre.</summary>
    Block,

    /// <summary>In the stream entering the MLP: a row starts with resid_mid.</summary>
    Mlp,

    /// <summary>In the MLP's hidden units: a row starts with mlp_post.</summary>
    MlpOutput,

    /// <summary>In the stream leaving the block: a row starts with resid_post.</summary>
    NextBlock,
}

/// <summary>How some rows of one layer start: what differs from the base run, at which positions.</summary>
/// <param name="Cells">Each row's cell, counted within the layer.</param>
/// <param name="Positions">Each row's first position that differs.</param>
/// <param name="Value">What stands there and at the positions right after it, [rows, positions, width].</param>
internal readonly record struct RowStart(int[] Cells, int[] Positions, Tensor Value);

/// <summary>What a sweep patches: its axes, the stage at which its rows join, and how a row starts.</summary>
internal abstract class Site
{
    /// <summary>The activation that is replaced.</summary>
    public abstract Activation Activation { get; }

    /// <summary>The grid's axes, <c>layer</c> first.</summary>
    public abstract IReadOnlyList<string> Axes { get; }

    /// <summary>Where in a block the rows join.</summary>
    public abstract Stage Stage { get; }

    /// <summary>How the rows of one layer's cells start; a cell whose patch changes nothing has none.</summary>
    public abstract IEnumerable<RowStart> Starts(LayerView layer);

    /// <summary>Whether a lane's activation has to be kept until the layer is done; asked of those that are large.</summary>
    public virtual bool Reads(Activation activation) => activation == Activation;

    /// <summary>The heads that the activation has; 1 where it has none.</summary>
    public virtual int Heads(LlamaConfig config) => 1;

    /// <summary>The grid's size along each axis.</summary>
    public int[] Shape(LlamaConfig config, int length) => [.. Axes.Select(axis => axis switch
    {
        "layer" => config.NLayers,
        "head" => Heads(config),
        _ => length,
    })];

    /// <summary>What one cell replaces.</summary>
    /// <param name="cell">The cell's index in the flat grid.</param>
    /// <param name="shape">The grid's shape.</param>
    public Cell At(int cell, int[] shape)
    {
        var index = new int[shape.Length];
        for (var axis = shape.Length - 1; axis >= 0; axis--) (cell, index[axis]) = Math.DivRem(cell, shape[axis]);
        int? Along(Func<string, bool> wanted) => Enumerable.Range(1, Axes.Count - 1).Where(axis => wanted(Axes[axis])).Select(axis => (int?)index[axis]).FirstOrDefault();
        return new Cell(index[0], Along(axis => axis is "pos" or "query_pos"), Along(axis => axis == "head"));
    }
}

/// <summary>One cell of a sweep's grid.</summary>
/// <param name="Layer">The layer it is centred on.</param>
/// <param name="Pos">The one position (of a pattern: query row) that is replaced, or null for all.</param>
/// <param name="Head">The one head that is replaced, or null for an activation without heads.</param>
internal readonly record struct Cell(int Layer, int? Pos, int? Head);
