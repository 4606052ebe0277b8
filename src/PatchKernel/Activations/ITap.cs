using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Sees every activation of a forward pass as it is made, and may put another in its place.</summary>
public interface ITap
{
    /// <summary>
    /// Called before a run, once, and in a generation before each step: the place to refuse one that the tap can't do its work in. By default nothing is
    /// refused.
    /// </summary>
    /// <param name="run">What the run has places for.</param>
    /// <returns>The tap that sees this run: this one, or another that knows the run's positions. Runs may go side by side.</returns>
    ITap Begin(RunShape run) => this;

    /// <summary>Whether this tap reads the activation; by default it reads all. One that no tap reads may be computed in parts, and not shown.</summary>
    /// <param name="activation">Which activation.</param>
    /// <param name="layer">The block it belongs to.</param>
    /// <remarks>A long prompt's pattern is larger than all else together.</remarks>
    bool Wants(Activation activation, int layer) => true;

    /// <summary>Called once for each activation, in the order of the forward pass; one that no tap wants may be left out.</summary>
    /// <remarks>A run whose logits aren't finite is done once more, to find where that begins.</remarks>
    /// <param name="activation">Which activation it is; its axes are given at <see cref="Activation"/>.</param>
    /// <param name="layer">The block it belongs to.</param>
    /// <param name="value">The value; the forward pass's to dispose, never written to in place.</param>
    /// <returns><paramref name="value"/> itself, or a replacement of the same shape that the caller's dispose scope owns.</returns>
    Tensor Visit(Activation activation, int layer, Tensor value);
}
