using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel.Activations;

/// <summary>Several taps, one after another: each sees what the one before it left.</summary>
internal sealed class TapSequence(params IReadOnlyList<ITap> taps) : ITap
{
    /// <summary>A tap that sees nothing.</summary>
    public static ITap None { get; } = new TapSequence();

    /// <summary>One tap that does what several do.</summary>
    /// <exception cref="PatchKernelException">One of them is null.</exception>
    public static ITap Of(IReadOnlyList<ITap> taps)
    {
        if (taps.Contains(null!)) throw new PatchKernelException("One of the run's taps is null; leave it out.");
        return taps.Count == 0 ? None : new TapSequence(taps);
    }

    public bool Wants(Activation activation, int layer) => taps.Any(tap => tap.Wants(activation, layer));

    public ITap Begin(RunShape run) => new TapSequence([.. taps.Select(tap => tap.Begin(run))]);

    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        foreach (var tap in taps) value = Fitting(activation, layer, value, () => tap.Visit(activation, layer, value));
        return value;
    }

    // A tap may be anybody's class.
    private static Tensor Fitting(Activation activation, int layer, Tensor value, Func<Tensor> visit)
    {
        var made = Made();
        return ReferenceEquals(made, value) || (made is { IsInvalid: false } && made.shape.SequenceEqual(value.shape) && made.dtype == value.dtype) ? made
            : throw Error($"gives back {(made is null or { IsInvalid: true } ? "no tensor" : $"{Excerpt.Shape(made.shape)} in {made.dtype}")} where the run has {Excerpt.Shape(value.shape)} in {value.dtype}");

        Tensor Made()
        {
            try
            {
                return visit();
            }
            catch (Exception e) when (e is not (PatchKernelException or OperationCanceledException))
            {
                throw Error($"failed with {e.GetType().Name}: {Excerpt.Reason(e)}", e);
            }
        }

        PatchKernelException Error(string what, Exception? cause = null) => new($"A tap at {activation.Name()} of layer {layer} {what}.", cause!);
    }
}
