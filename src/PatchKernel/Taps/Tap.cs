using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Reads or replaces activations of a run with a lambda: <c>model.Run(prompt, Tap.Replace(Activation.AttnOut, layer: 4, value => value * 0.5))</c>.</summary>
/// <remarks>
/// A lambda sees the axes that <see cref="Activation"/> gives, [batch, pos, …]; a tap with a position or a head takes that axis away: the stream at one
/// position is [batch, d_model]. Several taps of one run act in the order given, and each sees what the one before it left. A place that the run doesn't have is
/// refused before it starts.
/// </remarks>
public static class Tap
{
    /// <summary>Reads an activation of one layer.</summary>
    /// <param name="site">The activation.</param>
    /// <param name="layer">The block; null for all.</param>
    /// <param name="read">Gets a copy, which the run frees: <see cref="ActivationValue.Keep"/> what has to outlive it.</param>
    /// <param name="pos">The position, <c>^1</c> for the prompt's last; of a pattern, the query row; null for all.</param>
    /// <param name="head">The head; null for all.</param>
    public static ActivationTap Read(Activation site, int? layer, Action<ActivationValue> read, Index? pos = null, int? head = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return new(new(site, layer, pos, head), (seen, _) =>
        {
            read(seen);
            return null;
        });
    }

    /// <summary>Reads an activation of every layer; <see cref="ActivationValue.Layer"/> says which one it is.</summary>
    /// <param name="site">The activation.</param>
    /// <param name="read">Gets a copy, which the run frees: <see cref="ActivationValue.Keep"/> what has to outlive it.</param>
    /// <param name="pos">The position, <c>^1</c> for the prompt's last; of a pattern, the query row; null for all.</param>
    /// <param name="head">The head; null for all.</param>
    public static ActivationTap Read(Activation site, Action<ActivationValue> read, Index? pos = null, int? head = null) =>
        Read(site, layer: null, read, pos, head);

    /// <summary>Replaces an activation of one layer.</summary>
    /// <param name="site">The activation.</param>
    /// <param name="layer">The block; null for all.</param>
    /// <param name="replace">From a copy of the value to what takes its place: of the same shape, dtype and device, and finite. A tensor will do.</param>
    /// <param name="pos">The position, <c>^1</c> for the prompt's last; of a pattern, the query row; null for all.</param>
    /// <param name="head">The head; null for all.</param>
    public static ActivationTap Replace(
        Activation site, int? layer, Func<ActivationValue, ActivationValue> replace, Index? pos = null, int? head = null)
    {
        ArgumentNullException.ThrowIfNull(replace);
        return new(new(site, layer, pos, head), (seen, place) => (replace(seen) ?? throw place.Error("gives nothing back; let it give the value itself to leave it")).Unchecked);
    }

    /// <summary>Replaces an activation of every layer.</summary>
    /// <param name="site">The activation.</param>
    /// <param name="replace">From a copy of the value to what takes its place: of the same shape, dtype and device, and finite. A tensor will do.</param>
    /// <param name="pos">The position, <c>^1</c> for the prompt's last; of a pattern, the query row; null for all.</param>
    /// <param name="head">The head; null for all.</param>
    public static ActivationTap Replace(Activation site, Func<ActivationValue, ActivationValue> replace, Index? pos = null, int? head = null) =>
        Replace(site, layer: null, replace, pos, head);

    /// <summary>Puts a tensor in the place of an activation: the intervention of activation patching.</summary>
    /// <remarks>Vig et al. 2020, arXiv:2004.12265; Meng et al. 2022, arXiv:2202.05262 ("causal tracing").</remarks>
    /// <param name="site">The activation.</param>
    /// <param name="layer">The block; null for all.</param>
    /// <param name="pos">The position, <c>^1</c> for the prompt's last; of a pattern, the query row; null for all.</param>
    /// <param name="value">
    /// What stands there from now on, with or without the batch axis, the axes of <paramref name="pos"/> and <paramref name="head"/> left out; or a whole
    /// activation, of which that place is taken. The caller's to dispose, after the run.
    /// </param>
    /// <param name="head">The head; null for all.</param>
    public static ActivationTap Put(Activation site, int? layer, Index? pos, Tensor value, int? head = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Put(site, layer, pos, _ => value, head);
    }

    /// <summary>Puts a tensor that is made when the run reaches its layer.</summary>
    internal static ActivationTap Put(Activation site, int? layer, Index? pos, Func<int, Tensor> valueOf, int? head) =>
        new(new(site, layer, pos, head), (seen, place) => place.Fit(valueOf(seen.Layer!.Value), seen.Tensor));
}
