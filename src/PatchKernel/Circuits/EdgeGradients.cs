using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Metrics' gradients with respect to the stream as each receiver reads it, in a run from given embeddings: one forward and one backward, layer by layer.</summary>
/// <param name="model">The model.</param>
/// <param name="read">How many of the last positions have logits.</param>
/// <param name="keeps">Whether every layer's graph is kept from the forward to the backward; else each is computed twice, and one at a time is in memory.</param>
internal sealed class EdgeGradients(LanguageModel model, int read, bool keeps)
{
    /// <summary>The gradients of each metric.</summary>
    /// <param name="embedded">What enters the first layer, [pos, d_model].</param>
    /// <param name="put">What one sublayer adds in place of its own; null for none.</param>
    /// <param name="metrics">From logits, [1, positions that are read, d_vocab], to a number.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>[receiver, pos, d_model] of each; owned by the caller's dispose scope.</returns>
    public Tensor[] Of(Tensor embedded, SublayerValue? put, IReadOnlyList<Func<Tensor, Tensor>> metrics, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var graphs = new LayerGraph?[model.Config.NLayers];
        List<Tensor> entering = [embedded];
        try
        {
            for (var layer = 0; layer < graphs.Length; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                graphs[layer] = Graph(layer);
                entering.Add(graphs[layer]!.Leaving.detach().clone());
                if (!keeps && layer + 1 < graphs.Length) Drop(layer); // the last is the first that the backward needs
            }
            var slopes = AtTheEnd(entering[^1], metrics);
            List<Tensor>[] receivers = [.. slopes.Select(slope => new List<Tensor> { slope.unsqueeze(0) })];
            for (var layer = graphs.Length - 1; layer >= 0; layer--)
            {
                cancel.ThrowIfCancellationRequested();
                var graph = graphs[layer] ??= Graph(layer);
                for (var metric = 0; metric < metrics.Count; metric++)
                {
                    (slopes[metric], var ofLayer) = graph.Back(slopes[metric].to(entering[layer].device), again: metric + 1 < metrics.Count);
                    receivers[metric].Insert(0, ofLayer);
                }
                Drop(layer);
            }
            return [.. receivers.Select(all => scope.MoveToOuter(cat([.. all.Select(part => part.to(embedded.device))])))];
        }
        finally
        {
            foreach (var graph in graphs) graph?.Dispose();
            model.Weights.EndPass();
        }

        LayerGraph Graph(int layer)
        {
            entering[layer] = entering[layer].to(model.DeviceMap.Layer(layer).RunsOn);
            return new LayerGraph(model, layer, entering[layer], put);
        }

        void Drop(int layer)
        {
            graphs[layer]!.Dispose();
            graphs[layer] = null;
        }
    }

    /// <summary>Each metric's gradient with respect to the stream that leaves the last layer, [pos, d_model].</summary>
    private Tensor[] AtTheEnd(Tensor leaving, IReadOnlyList<Func<Tensor, Tensor>> metrics)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var end = leaving.to(model.DeviceMap.Head.RunsOn).detach().clone().requires_grad_();
        var logits = model.Unembedding.Forward(model.FinalNorm.Forward(end.narrow(0, end.shape[0] - read, read))).unsqueeze(0);
        return [.. metrics.Select((metric, at) => scope.MoveToOuter(autograd.grad([metric(logits).sum()], [end], retain_graph: at + 1 < metrics.Count)[0]))];
    }
}
