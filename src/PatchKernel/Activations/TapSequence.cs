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
        return taps switch { [] => None, [var one] => one, _ => new TapSequence(taps) };
    }

    public bool Wants(Activation activation, int layer) => taps.Any(tap => tap.Wants(activation, layer));

    public ITap Begin(RunShape run) => new TapSequence([.. taps.Select(tap => tap.Begin(run))]);

    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        foreach (var tap in taps) value = tap.Visit(activation, layer, value);
        return value;
    }
}
