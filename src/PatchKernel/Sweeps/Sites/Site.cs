using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>What a sweep patches: its axes, the stage at which its rows join, and how a row starts. A row of <see cref="SiteTable"/>.</summary>
/// <param name="Activation">The activation that is replaced.</param>
/// <param name="Axes">The grid's axes, <c>layer</c> first.</param>
/// <param name="EachAxes">The axes where each position is a cell.</param>
/// <param name="Stage">Where in a block the rows join.</param>
/// <param name="Starts">How rows start.</param>
/// <param name="HeadsOf">The heads that the activation has; null where it has none.</param>
internal sealed record Site(
    Activation Activation, IReadOnlyList<string> Axes, IReadOnlyList<string> EachAxes, Stage Stage, SiteStarts.Starter Starts,
    Func<ModelConfig, int>? HeadsOf = null)
{
    /// <summary>A large activation that the site reads beside its own; null for none.</summary>
    public Activation? Beside { get; init; }

    /// <summary>Where rows join in a model's blocks: what attention adds reaches no MLP of its own block where the two are parallel.</summary>
    public Stage StageIn(ModelConfig config) => Stage == Stage.ResidMid && config.Parts.Parallel ? Stage.ResidPost : Stage;

    /// <summary>Whether a cell is one position, not all.</summary>
    public bool EachPosition => Axes.Any(axis => axis is "pos" or "query_pos");

    /// <summary>Whether a cell is a head's.</summary>
    public bool HasHeads => HeadsOf is not null;

    /// <summary>The heads that the activation has; 1 where it has none.</summary>
    public int Heads(ModelConfig config) => HeadsOf?.Invoke(config) ?? 1;

    /// <summary>Whether a lane's activation has to be kept until the layer is done; asked of those that are large.</summary>
    public bool Reads(Activation activation) => activation == Activation || activation == Beside;

    /// <summary>The grid's size along each axis.</summary>
    public int[] Shape(ModelConfig config, int length) => [.. Axes.Select(axis => axis switch
    {
        "layer" => config.NLayers,
        "head" => Heads(config),
        _ => length,
    })];

    /// <summary>Number of the grid's cells.</summary>
    public long Cells(ModelConfig config, int length) => Shape(config, length).Aggregate(1L, (product, size) => product * size);

    /// <summary>The index of a cell within its layer.</summary>
    public int CellOf(int pos, int head, LayerView layer) =>
        !EachPosition ? head : !HasHeads ? pos : Axes[1] == "head" ? head * layer.Prompt + pos : pos * Heads(layer.Config) + head;

    /// <summary>What one cell replaces.</summary>
    /// <param name="cell">The cell's index in the flat grid.</param>
    /// <param name="shape">The grid's shape.</param>
    public Cell At(int cell, int[] shape)
    {
        var index = SweepGrid.IndexOf(cell, shape);
        int? Along(Func<string, bool> wanted) => Enumerable.Range(1, Axes.Count - 1).Where(axis => wanted(Axes[axis])).Select(axis => (int?)index[axis]).FirstOrDefault();
        return new Cell(index[0], Along(axis => axis is "pos" or "query_pos"), Along(axis => axis == "head"));
    }
}

/// <summary>Where in a block a patched run first differs from the base run: its row joins the wavefront there.</summary>
internal enum Stage
{
    /// <summary>In the stream entering the block: a row starts with resid_pre.</summary>
    ResidPre,

    /// <summary>In the stream entering the MLP: a row starts with resid_mid.</summary>
    ResidMid,

    /// <summary>In the stream leaving the block: a row starts with resid_post.</summary>
    ResidPost,
}

/// <summary>How some rows of one layer start: what differs from the base run, at which positions.</summary>
/// <param name="Cells">Each row's cell, counted within the layer.</param>
/// <param name="Positions">Each row's first position that differs.</param>
/// <param name="Value">What stands there and at the positions right after it, [rows, positions, d_model].</param>
internal readonly record struct RowStart(int[] Cells, int[] Positions, Tensor Value);

/// <summary>One cell of a sweep's grid.</summary>
/// <param name="Layer">The layer it is centred on.</param>
/// <param name="Pos">The one position (of a pattern: query row) that is replaced, or null for all.</param>
/// <param name="Head">The one head that is replaced, or null for an activation without heads.</param>
internal readonly record struct Cell(int Layer, int? Pos, int? Head);
