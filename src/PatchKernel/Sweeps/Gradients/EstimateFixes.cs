namespace PatchKernel;

/// <summary>What is done about two known faults of attribution patching, each by itself or together.</summary>
/// <remarks>Kramár et al. 2024, "AtP*", arXiv:2403.00745.</remarks>
[Flags]
public enum EstimateFixes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>
    /// <c>qk</c>, for the sites q and k: the pattern is computed anew with the patched queries or keys, and its change is multiplied by the gradient at the pattern. Where the softmax
    /// is saturated, the gradient at a query or key sees next to nothing.
    /// </summary>
    Softmax = 1,

    /// <summary>
    /// <c>grad-drop</c>: effects on several ways through the model that cancel in the gradient at the base run are seen. One layer after another is left out of the backward pass, what its attention and its MLP
    /// add to the stream, and a cell has the mean of the sizes of its estimates, with the sign of the estimate in which nothing is left out.
    /// </summary>
    GradDrop = 2,
}
