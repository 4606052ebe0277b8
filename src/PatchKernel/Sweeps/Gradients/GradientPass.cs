using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Metrics' gradients in runs from given embeddings: one forward and one backward for all metrics, each layer a graph of its own.</summary>
/// <param name="model">The model.</param>
/// <param name="read">How many of the last positions have logits.</param>
/// <param name="keeps">Whether every layer's graph is kept from the forward to the backward; else all but the last are computed twice, and one at a time is in memory.</param>
/// <param name="rows">Makes a layer's rows, which keep as nodes what gradients are taken to.</param>
internal sealed class GradientPass(LanguageModel model, int read, bool keeps, Func<int, GraphNodes, IBlockRows> rows)
{
    /// <summary>Runs forward and backward.</summary>
    /// <param name="embedded">What enters the first layer, [runs, pos, d_model].</param>
    /// <param name="metrics">From logits, [runs, positions that are read, d_vocab], to a number a run.</param>
    /// <param name="end">Receives each metric's gradient with respect to the streams that leave the last layer, [runs · pos, d_model]; owned by the pass.</param>
    /// <param name="back">Takes gradients back through a layer, from the last on; what it makes is owned by the pass.</param>
    /// <param name="cancel">Stops before the next layer, in either direction.</param>
    public void Run(Tensor embedded, IReadOnlyList<Func<Tensor, Tensor>> metrics, Action<Tensor[]> end, Action<LayerGraph> back, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var (graphs, length) = (new LayerGraph?[model.Config.NLayers], embedded.shape[1]);
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
            end(AtTheEnd(entering[^1].unflatten(0, -1, length), metrics));
            for (var layer = graphs.Length - 1; layer >= 0; layer--)
            {
                cancel.ThrowIfCancellationRequested();
                back(graphs[layer] ??= Graph(layer));
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
            return new LayerGraph(model, layer, entering[layer], rows);
        }

        void Drop(int layer)
        {
            graphs[layer]!.Dispose();
            graphs[layer] = null;
        }
    }

    /// <summary>Each metric's gradient with respect to the streams that leave the last layer, [runs, pos, d_model].</summary>
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
