using PatchKernel.Activations;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>A run's logits, and what each of its senders and sublayers writes into the stream.</summary>
internal sealed class RunOutputs : IDisposable
{
    private readonly ActivationCache cache = new(Activation.Embed, Activation.Z, Activation.AttnOut, Activation.MlpOut);

    /// <summary>Runs a prompt.</summary>
    /// <exception cref="PatchKernelException">A logit is infinite or not a number; <paramref name="whose"/> begins the sentence.</exception>
    public RunOutputs(LanguageModel model, TappedRun run, string whose, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        try
        {
            run = run with { Watcher = TapSequence.Of([run.Watcher, cache]) };
            Logits = Metrics.UnpatchedRuns.Logits(model, run, whose, cancel);
            Senders = SenderOutputs.OfCache(model, cache, cancel).DetachFromDisposeScope();
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>Logits at the positions that are read, flat.</summary>
    public float[] Logits { get; }

    /// <summary>What each sender writes, [senders, pos, d_model].</summary>
    public Tensor Senders { get; }

    /// <summary>What a layer's attention or MLP adds to the stream, [pos, d_model].</summary>
    public Tensor this[Activation activation, int layer] => cache[activation, layer][0];

    public void Dispose()
    {
        cache.Dispose();
        Senders.Dispose();
    }
}
