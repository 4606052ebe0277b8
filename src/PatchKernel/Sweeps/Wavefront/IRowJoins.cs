namespace PatchKernel.Sweeps;

/// <summary>Where the wavefront's rows come from.</summary>
internal interface IRowJoins
{
    /// <summary>The rows of a group that join at a stage of a layer; asked once a stage, in the order of computation.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="pass">The layer with the unpatched runs in it, as far as they are computed.</param>
    /// <param name="group">The group.</param>
    /// <returns>Rows with what they have at their stage at the positions that changed alone; freed by the wavefront.</returns>
    IEnumerable<Rows> Of(Stage stage, int layer, LayerPass pass, CellGroup group);
}
