using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Sums, over gradients, of what senders' differences come to by them: edges' scores, of some pairs side by side.</summary>
/// <param name="graph">The model's graph.</param>
/// <param name="differences">What each sender writes in one run less in the other, [pairs, senders, pos, d_model].</param>
/// <param name="metrics">How many metrics there are.</param>
internal sealed class ScoreSums(EdgeGraph graph, Tensor differences, int metrics)
{
    private readonly Tensor flat = differences.flatten(2); // [pairs, senders, pos · d_model]
    private readonly Tensor[] sums = [.. Enumerable.Range(0, metrics).Select(_ => zeros([differences.shape[0], graph.Receivers.Count, graph.Senders.Count], differences.dtype, differences.device))];
    private int gradients;

    /// <summary>Says that so many more gradients a pair are coming.</summary>
    public void Expect(int count) => gradients += count;

    /// <summary>Takes gradients of a layer's receivers.</summary>
    /// <param name="metric">The metric's place.</param>
    /// <param name="layer">The layer, or for the logits the number of layers.</param>
    /// <param name="slopes">[receivers, pairs · pos, d_model].</param>
    public void Add(int metric, int layer, Tensor slopes)
    {
        using var scope = NewDisposeScope();
        var (pairs, first, count) = (flat.shape[0], layer * graph.ReceiversPerLayer, slopes.shape[0]);
        var each = slopes.reshape(count, pairs, flat.shape[2]).transpose(0, 1).to(flat.device); // [pairs, receivers, pos · d_model]
        var before = flat.narrow(1, 0, graph.SendersBefore(first + (int)count - 1));
        var products = each.matmul(before.transpose(1, 2)).Counted(each);
        sums[metric].narrow(1, first, count).narrow(2, 0, before.shape[1]).add_(products, Scalars.Of(1));
    }

    /// <summary>Each metric's and pair's scores of every edge, the means over gradients.</summary>
    public float[][][] Means()
    {
        using var scope = NewDisposeScope();
        return [.. sums.Select(sum => sum.Over(gradients).split(1).Select(pair => OfEdges(pair.ToFloats())).ToArray())];
    }

    private float[] OfEdges(float[] all) => [.. graph.Places.Select(edge => all[edge.Receiver * graph.Senders.Count + edge.Sender])];
}
