using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Metrics' gradients with respect to the stream as each receiver reads it, in runs from given embeddings: one forward and one backward for all of them, layer by layer.</summary>
/// <param name="model">The model.</param>
/// <param name="read">How many of the last positions have logits.</param>
/// <param name="keeps">Whether every layer's graph is kept from the forward to the backward; else all but the last are computed twice, and one at a time is in memory.</param>
internal sealed class EdgeGradients(LanguageModel model, int read, bool keeps)
{
    private readonly ModelConfig config = model.Config;

    /// <summary>The gradients of each metric.</summary>
    /// <param name="embedded">What enters the first layer, [sets · runs, pos, d_model].</param>
    /// <param name="runs">Over how many runs, one behind another, gradients are summed.</param>
    /// <param name="put">What one sublayer adds in place of its own; null for none.</param>
    /// <param name="metrics">From logits, [sets · runs, positions that are read, d_vocab], to a number a run.</param>
    /// <param name="found">Gets a metric's place, a layer or the number of layers for the logits, and the gradients of its receivers, [receivers, sets · pos, d_model].</param>
    /// <param name="cancel">Stops before the next layer.</param>
    public void Of(Tensor embedded, int runs, SublayerValue? put, IReadOnlyList<Func<Tensor, Tensor>> metrics, Action<int, int, Tensor> found, CancellationToken cancel)
    {
        var length = (int)embedded.shape[1];
        Tensor[] slopes = [];
        new GradientPass(model, read, keeps, Rows).Run(embedded, metrics, End, Back, cancel);

        IBlockRows Rows(int layer, GraphNodes nodes) =>
            new ReceiverRows(new BatchRows(length, model.Rotation(layer, 0, length)), nodes, put?.Layer == layer ? put : null);

        void End(Tensor[] atEnd)
        {
            slopes = atEnd;
            foreach (var (metric, slope) in slopes.Index()) found(metric, config.NLayers, Sum(slope.unsqueeze(0), runs, length));
        }

        void Back(LayerGraph graph)
        {
            for (var metric = 0; metric < metrics.Count; metric++)
            {
                using var metricScope = NewDisposeScope();
                var (before, ofLayer) = Through(graph, slopes[metric].to(graph.Entering.device), runs, length, again: metric + 1 < metrics.Count);
                found(metric, graph.Layer, ofLayer);
                slopes[metric].Dispose();
                slopes[metric] = metricScope.MoveToOuter(before);
            }
        }
    }

    /// <summary>Gradients with respect to the streams as they enter a layer and as each of its receivers reads them.</summary>
    /// <param name="graph">The layer.</param>
    /// <param name="slope">With respect to the streams that leave, [sets · runs · pos, d_model].</param>
    /// <param name="runs">Over how many runs receivers' gradients are summed.</param>
    /// <param name="length">Each run's tokens.</param>
    /// <param name="again">Whether others will be asked for.</param>
    /// <returns>[sets · runs · pos, d_model], and [receivers of the layer, sets · pos, d_model]; owned by the caller's dispose scope.</returns>
    private (Tensor Entering, Tensor Receivers) Through(LayerGraph graph, Tensor slope, int runs, int length, bool again)
    {
        using var scope = NewDisposeScope();
        Activation[] reached = [.. ((Activation[])[Activation.Q, Activation.K, Activation.V, Activation.ResidMid]).Where(graph.Has)];
        var slopes = graph.Back(slope, reached, again);
        using var noGrad = no_grad();
        var of = reached.Index().ToDictionary(node => node.Item, node => slopes[node.Index + 1]);
        var none = zeros([1, slope.shape[0] / runs, slope.shape[1]], slope.dtype, slope.device);
        // In parallel with one norm the MLP reads what attention's norm makes of the stream.
        var ofMlp = of.TryGetValue(Activation.ResidMid, out var mlp)
            ? Sum(config.Parts.OneNorm ? graph.Block.BeforeNorm(graph.Entering, mlp.unsqueeze(0)) : mlp.unsqueeze(0), runs, length) : none;
        var ofHeads = of.TryGetValue(Activation.Q, out var q)
            ? graph.Block.BeforeHeads(graph.Entering, runs, length, q, of[Activation.K], of[Activation.V]) : none.expand(config.NHeads + 2 * config.NKeyValueHeads, -1, -1);
        return (scope.MoveToOuter(slopes[0]), scope.MoveToOuter(cat([ofHeads, ofMlp])));
    }

    /// <summary>One receiver's gradients, [1, sets · runs · pos, d_model], summed over runs.</summary>
    private static Tensor Sum(Tensor rows, int runs, int length) => runs == 1 ? rows : rows.view(1, -1, runs, length, rows.shape[^1]).sum(2).flatten(1, 2);
}
