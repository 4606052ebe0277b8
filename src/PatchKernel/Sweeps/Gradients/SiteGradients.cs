using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Metrics' gradients at one activation of every layer, in a run from given embeddings: one forward and one backward, layer by layer.</summary>
/// <param name="model">The model.</param>
/// <param name="site">The activation.</param>
/// <param name="read">How many of the last positions have logits.</param>
/// <param name="keeps">Whether every layer's graph is kept from the forward to the backward; else all but the last are computed twice, and one at a time is in memory.</param>
/// <param name="drops">Whether there are further backward passes, each with what one layer adds to the stream left out.</param>
internal sealed class SiteGradients(LanguageModel model, Activation site, int read, bool keeps, bool drops)
{
    private readonly int layers = model.Config.NLayers;

    /// <summary>Receives a gradient.</summary>
    /// <param name="graph">Its layer.</param>
    /// <param name="metric">Its metric's place.</param>
    /// <param name="dropped">The layer that is left out, which isn't before this one; null for none.</param>
    /// <param name="slope">The activation's shape without its batch axis; freed afterwards.</param>
    public delegate void Take(LayerGraph graph, int metric, int? dropped, Tensor slope);

    /// <summary>Runs forward and backward.</summary>
    /// <param name="embedded">What enters the first layer, [pos, d_model].</param>
    /// <param name="metrics">From logits, [1, positions that are read, d_vocab], to a number.</param>
    /// <param name="take">Receives the gradients, from the last layer to the first; of a layer that is left out itself, only those at streams, which pass by it.</param>
    /// <param name="cancel">Stops before the next layer, in either direction.</param>
    public void Run(Tensor embedded, IReadOnlyList<Func<Tensor, Tensor>> metrics, Take take, CancellationToken cancel)
    {
        // Of each metric the gradient at the stream: with nothing left out, then with each layer above, from the last on.
        List<Tensor>[] ways = [];
        new GradientPass(model, read, keeps, Rows).Run(embedded.unsqueeze(0), metrics, slopes => ways = [.. slopes.Select(slope => new List<Tensor> { slope })], Back, cancel);

        IBlockRows Rows(int layer, GraphNodes nodes) =>
            new PromptRows(new SiteTap(site, nodes), layer, model.Rotation(layer, 0, (int)embedded.shape[0]), past: null);

        void Back(LayerGraph graph)
        {
            for (var metric = 0; metric < metrics.Count; metric++) ways[metric] = Through(graph, metric, ways[metric], metric + 1 == metrics.Count, take, cancel);
        }
    }

    /// <summary>Takes the ways through a layer; the last one then leaves it out.</summary>
    private List<Tensor> Through(LayerGraph graph, int metric, List<Tensor> ways, bool lastMetric, Take take, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        List<Tensor> next = [];
        foreach (var (way, slope) in ways.Index())
        {
            cancel.ThrowIfCancellationRequested();
            using var wayScope = NewDisposeScope();
            var there = slope.to(graph.Leaving.device);
            var slopes = graph.Back(there, [site], again: !lastMetric || way + 1 < ways.Count);
            take(graph, metric, way == 0 ? null : layers - way, slopes[1].squeeze(0));
            next.Add(wayScope.MoveToOuter(slopes[0]));
            if (!drops || way > 0) continue;
            if (IsStream(site)) take(graph, metric, graph.Layer, there);
        }
        if (drops) next.Add(ways[0].alias());
        foreach (var slope in ways) slope.Dispose();
        foreach (var slope in next) scope.MoveToOuter(slope);
        return next;
    }

    /// <summary>Whether an activation is the stream itself, past which no layer's gradient can be left out.</summary>
    public static bool IsStream(Activation site) => site is Activation.ResidPre or Activation.ResidMid or Activation.ResidPost;

    /// <summary>Keeps the activation of every layer.</summary>
    private sealed class SiteTap(Activation site, GraphNodes nodes) : ITap
    {
        public bool Wants(Activation activation, int layer) => activation == site;

        public Tensor Visit(Activation activation, int layer, Tensor value) => activation == site ? nodes.Keep(site, value) : value;
    }
}
