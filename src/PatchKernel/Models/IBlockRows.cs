using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>
/// The rows that go through a block together, packed one position under another: a prompt's, a slice of the wavefront, or a training batch. They know
/// which positions they stand at, whose keys they see, and who watches them.
/// </summary>
internal interface IBlockRows
{
    /// <summary>Whether somebody sees an activation; a large one that nobody sees may be computed in parts.</summary>
    bool Wants(Activation activation);

    /// <summary>Hands an activation to whoever watches; attention's pattern is handed over by <see cref="Mix"/>.</summary>
    /// <param name="activation">Which activation.</param>
    /// <param name="packed">[rows, …]; the block's to dispose.</param>
    /// <returns>The value that the block goes on with; owned by the caller's dispose scope.</returns>
    Tensor Visit(Activation activation, Tensor packed);

    /// <summary>The rows for which the block computes queries and an MLP: all of them, or in a last layer those that are read.</summary>
    Tensor Queried(Tensor packed);

    /// <summary>Hands the stream that the MLP reads to whoever tells it from the one that the MLP adds to; in parallel with one norm it is normed already.</summary>
    /// <param name="stream">[queried rows, d_model].</param>
    /// <returns>What the MLP reads.</returns>
    Tensor MlpReads(Tensor stream) => stream;

    /// <summary>z of every queried row.</summary>
    /// <param name="attention">The block's attention.</param>
    /// <param name="q">As the projection gives them, [queried rows, n_heads, d_head].</param>
    /// <param name="k">As the projection gives them, [rows, n_kv_heads, d_head].</param>
    /// <param name="v">[rows, n_kv_heads, d_head].</param>
    /// <returns>[queried rows, n_heads, d_head]; owned by the caller's dispose scope.</returns>
    Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v);
}
