using static TorchSharp.torch;

namespace PatchKernel.Activations;

/// <summary>Where positions and heads lie in an activation.</summary>
internal static class ActivationAxes
{
    /// <summary>Whether an activation has an axis of heads.</summary>
    public static bool HasHeads(this Activation site) =>
        site is Activation.Q or Activation.K or Activation.V or Activation.Z or Activation.Pattern;

    /// <summary>The axis of positions; of a pattern, of its query rows.</summary>
    public static int PosAxis(this Activation site) => site == Activation.Pattern ? 2 : 1;

    /// <summary>The axis of heads, where there is one.</summary>
    public static int HeadAxis(this Activation site) => site == Activation.Pattern ? 1 : 2;

    /// <summary>One position, one head, or both; their axes are taken away.</summary>
    /// <param name="site">Which activation it is.</param>
    /// <param name="value">Axes as at <see cref="Activation"/>.</param>
    /// <param name="pos">The index along the positions that <paramref name="value"/> has; null for all.</param>
    /// <param name="head">The head; null for all.</param>
    /// <returns>A view; owned by the caller's dispose scope.</returns>
    public static Tensor Part(this Activation site, Tensor value, int? pos, int? head)
    {
        (int Axis, int? Index)[] choices = site == Activation.Pattern ? [(2, pos), (1, head)] : [(2, head), (1, pos)]; // the later axis first
        foreach (var (axis, index) in choices)
            if (index is { } one) value = value.select(axis, one);
        return value;
    }

    /// <summary>A copy of an activation with another part; indices as for <see cref="Part"/>.</summary>
    /// <param name="site">Which activation it is.</param>
    /// <param name="value">Axes as at <see cref="Activation"/>; stays as it is.</param>
    /// <param name="pos">The index along the positions; null for all.</param>
    /// <param name="head">The head; null for all.</param>
    /// <param name="part">What to put there, of the shape that <see cref="Part"/> gives.</param>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public static Tensor WithPart(this Activation site, Tensor value, int? pos, int? head, Tensor part)
    {
        using var scope = NewDisposeScope();
        var changed = value.clone();
        site.Part(changed, pos, head).copy_(part);
        return scope.MoveToOuter(changed);
    }
}
