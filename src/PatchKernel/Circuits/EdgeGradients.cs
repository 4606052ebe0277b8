using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Metrics' gradients with respect to the stream as each receiver reads it, in runs from given embeddings: one forward and one backward for all of them, layer by layer.</summary>
/// <param name="model">The model.</param>
/// <param name="read">How many of the last positions have logits.</param>
/// <param name="keeps">Whether every layer's graph is kept from the forward to the backward; else each is computed twice, and one at a time is in memory.</param>
internal sealed class EdgeGradients(LanguageModel model, int read, bool keeps)
{
    /// <summary>The gradients of each metric.</summary>
    /// <param name="embedded">What enters the first layer, [sets · runs, pos, d_model].</param>
    /// <param name="runs">Over how many runs, one behind another, gradients are summed.</param>
    /// <param name="put">What one sublayer adds in place of its own; null for none.</param>
    /// <param name="metrics">From logits, [sets · runs, positions that are read, d_vocab], to a number a run.</param>
    /// <param name="found">Gets a metric's place, a layer or the number of layers for the logits, and the gradients of its receivers, [receivers, sets · pos, d_model].</param>
    /// <param name="cancel">Stops before the next layer.</param>
    public void Of(Tensor embedded, int runs, SublayerValue? put, IReadOnlyList<Func<Tensor, Tensor>> metrics, Action<int, int, Tensor> found, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var (graphs, length) = (new LayerGraph?[model.Config.NLayers], (int)embedded.shape[1]);
        List<Tensor> entering = [embedded.flatten(0, 1)];
        try
        {
            for (var layer = 0; layer < graphs.Length; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                graphs[layer] = Graph(layer);
                entering.Add(graphs[layer]!.Leaving.detach().clone());
                if (!keeps && layer + 1 < graphs.Length) Drop(layer); // the last is the first that the backward needs
            }
            var slopes = AtTheEnd(entering[^1].unflatten(0, -1, length), metrics);
            foreach (var (metric, slope) in slopes.Index()) found(metric, graphs.Length, slope.view(1, -1, runs, length, slope.shape[1]).sum(2).flatten(1, 2));
            for (var layer = graphs.Length - 1; layer >= 0; layer--)
            {
                cancel.ThrowIfCancellationRequested();
                var graph = graphs[layer] ??= Graph(layer);
                for (var metric = 0; metric < metrics.Count; metric++)
                {
                    using var metricScope = NewDisposeScope();
                    var (before, ofLayer) = graph.Back(slopes[metric].to(entering[layer].device), runs, again: metric + 1 < metrics.Count);
                    found(metric, layer, ofLayer);
                    slopes[metric].Dispose();
                    slopes[metric] = metricScope.MoveToOuter(before);
                }
                Drop(layer);
            }
        }
        finally
        {
            foreach (var graph in graphs) graph?.Dispose();
            model.Weights.EndPass();
        }

        LayerGraph Graph(int layer)
        {
            entering[layer] = entering[layer].to(model.DeviceMap.Layer(layer).RunsOn);
            return new LayerGraph(model, layer, entering[layer], length, put);
        }

        void Drop(int layer)
        {
            graphs[layer]!.Dispose();
            graphs[layer] = null;
        }
    }

    /// <summary>Each metric's gradient with respect to the streams that leave the last layer, [runs · pos, d_model].</summary>
    private Tensor[] AtTheEnd(Tensor leaving, IReadOnlyList<Func<Tensor, Tensor>> metrics)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var end = leaving.to(model.DeviceMap.Head.RunsOn).detach().clone().requires_grad_();
        var logits = model.Unembedding.Forward(model.FinalNorm.Forward(end.narrow(1, end.shape[1] - read, read)));
        return [.. metrics.Select((metric, at) =>
            scope.MoveToOuter(autograd.grad([metric(logits).sum()], [end], retain_graph: at + 1 < metrics.Count)[0].flatten(0, 1)))];
    }
}
