using PatchKernel.Activations;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What each sender of a run writes into the stream, [sender, pos, d_model].</summary>
internal static class SenderOutputs
{
    /// <summary>Runs a prompt and takes every sender's output; owned by the caller's dispose scope.</summary>
    public static Tensor Of(LanguageModel model, TappedRun run, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var cache = new ActivationCache(Activation.Embed, Activation.Z, Activation.MlpOut);
        _ = new ForwardPass(model).Streams([run with { Watcher = TapSequence.Of([run.Watcher, cache]) }], cancel);
        return scope.MoveToOuter(OfCache(model, cache, cancel));
    }

    /// <summary>The senders' outputs of a run whose embed, z and mlp_out were kept.</summary>
    public static Tensor OfCache(LanguageModel model, ActivationCache cache, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var outputs = new List<Tensor> { cache[Activation.Embed, 0] };
        try
        {
            for (var layer = 0; layer < model.Config.NLayers; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                using var lease = model.Weights.Layer(layer);
                var heads = new Attention(model.Config, layer, lease.Weights).SharesOfHeads(cache[Activation.Z, layer][0]);
                outputs.AddRange([heads, cache[Activation.MlpOut, layer]]);
            }
        }
        finally
        {
            model.Weights.EndPass();
        }
        return scope.MoveToOuter(cat([.. outputs.Select(output => output.to(outputs[0].device))]));
    }
}
