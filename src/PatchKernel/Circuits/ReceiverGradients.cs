using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>A metric's gradient with respect to what each receiver reads of the stream, [receiver, pos, d_model]: one forward and one backward.</summary>
internal static class ReceiverGradients
{
    /// <summary>The gradients in a run from given embeddings; owned by the caller's dispose scope.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The run's tokens; their embeddings are not read.</param>
    /// <param name="embedded">What enters the first block, [1, pos, d_model].</param>
    /// <param name="read">How many of the last positions have logits.</param>
    /// <param name="metric">From logits, [1, positions that are read, d_vocab], to a number.</param>
    /// <param name="cancel">Stops the run before its next layer.</param>
    public static Tensor Of(LanguageModel model, IReadOnlyList<int> ids, Tensor embedded, int read, Func<Tensor, Tensor> metric, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        using var tap = new GraphTap(embedded);
        var stream = new ForwardPass(model).Streams([new TappedRun(ids, tap)], cancel)[0][0].narrow(0, ids.Count - read, read);
        var number = metric(model.Unembedding.Forward(stream).unsqueeze(0)).sum();
        var layers = model.Config.NLayers;
        Tensor[] nodes = [.. Enumerable.Range(0, layers).SelectMany(layer => GraphTap.OfLayer.Select(activation => tap[activation, layer])), tap[Activation.ResidPost, layers - 1]];
        var slopes = autograd.grad([number], nodes, allow_unused: false);
        var receivers = new List<Tensor>();
        for (var layer = 0; layer < layers; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            using var lease = model.Weights.Layer(layer);
            var block = new Block(model.Config, layer, lease.Weights);
            var at = layer * GraphTap.OfLayer.Count;
            receivers.AddRange(block.ReadingGradients(tap[Activation.ResidPre, layer].detach()[0], tap.MlpReads(layer, model.Config.Parts.Parallel).detach()[0], slopes[at][0], slopes[at + 1][0], slopes[at + 2][0], slopes[at + 3][0]));
        }
        model.Weights.EndPass();
        using var noGrad = no_grad();
        return scope.MoveToOuter(cat([.. receivers, slopes[^1]]));
    }

    /// <summary>Begins the graph at given embeddings, and keeps what gradients are taken to.</summary>
    private sealed class GraphTap(Tensor embedded) : ITap, IDisposable
    {
        private readonly Dictionary<(Activation, int), Tensor> kept = [];
        private readonly Tensor start = embedded.detach().clone().requires_grad_().DetachFromDisposeScope();

        /// <summary>What a layer's receivers lead to.</summary>
        public static IReadOnlyList<Activation> OfLayer { get; } = [Activation.Q, Activation.K, Activation.V, Activation.MlpOut];

        public Tensor this[Activation activation, int layer] => kept[(activation, layer)];

        /// <summary>The stream that a layer's MLP reads.</summary>
        public Tensor MlpReads(int layer, bool parallel) => kept[(parallel ? Activation.ResidPre : Activation.ResidMid, layer)];

        public bool Wants(Activation activation, int layer) =>
            activation is Activation.Embed or Activation.ResidPre or Activation.ResidMid or Activation.ResidPost || OfLayer.Contains(activation);

        public Tensor Visit(Activation activation, int layer, Tensor value)
        {
            if (activation == Activation.Embed) return start.alias();
            if (!Wants(activation, layer)) return value;
            return kept[(activation, layer)] = value.alias().DetachFromDisposeScope();
        }

        public void Dispose()
        {
            foreach (var value in kept.Values) value.Dispose();
            start.Dispose();
        }
    }
}
