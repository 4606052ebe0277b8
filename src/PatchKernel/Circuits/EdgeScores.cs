using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Estimates of every edge's effect: the sender's difference between both runs, times the metric's gradient at what the receiver reads.</summary>
/// <remarks>Edge attribution patching, Syed et al. 2023, arXiv:2310.10348; with integrated gradients, Hanna et al. 2024, arXiv:2403.17806.</remarks>
internal static class EdgeScores
{
    /// <summary>Scores of every edge, in the graph's order.</summary>
    /// <param name="model">The model.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="pair">The pair; the corrupt run is the one that is patched.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="steps">Points of the path from the corrupt embeddings to the clean ones: k/m for k = 0 … m − 1; 1 is the corrupt run alone.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    public static float[] Of(LanguageModel model, EdgeGraph graph, PromptPair pair, Metric metric, int steps, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var runs = UnpatchedRuns.Of(model, pair, [metric], cancel);
        var (clean, corrupt) = (UnpatchedRuns.Run(pair, pair.Clean, [metric]), UnpatchedRuns.Run(pair, pair.Corrupt, [metric]));
        var from = SenderOutputs.Of(model, corrupt, cancel);
        var difference = SenderOutputs.Of(model, clean, cancel) - from;
        Tensor? slopes = null;
        for (var step = 0; step < steps; step++)
        {
            using var stepScope = NewDisposeScope();
            var embedded = from.narrow(0, 0, 1).Plus(difference.narrow(0, 0, 1).Times((double)step / steps));
            var here = ReceiverGradients.Of(model, corrupt.Ids, embedded, corrupt.Read, logits => metric.Of(new MetricInput(logits, runs)), cancel).Over(steps);
            slopes = stepScope.MoveToOuter(slopes is null ? here : slopes.Plus(here));
        }
        // [sender, receiver]
        var all = difference.flatten(1, 2).matmul(slopes!.flatten(1, 2).t()).cpu().ToFloats();
        return [.. graph.Places.Select(edge => all[edge.Sender * graph.Receivers.Count + edge.Receiver])];
    }
}
