using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Every cell estimated by one forward and one backward a point of a path: what is put in less what is there, times the metric's mean gradient.</summary>
/// <remarks>
/// Attribution patching (AtP), whose one point is the run that is patched: Nanda 2023, "Attribution Patching: Activation Patching At Industrial Scale"; Syed et al. 2023,
/// arXiv:2310.10348. Integrated gradients: Sundararajan et al. 2017, arXiv:1703.01365, over the embeddings as in Hanna et al. 2024, arXiv:2403.17806.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="lanes">The unpatched runs.</param>
/// <param name="options">What is estimated, and how.</param>
/// <param name="keeps">Whether the graphs of all layers fit in memory together.</param>
internal sealed class GradientSweep(LanguageModel model, IReadOnlyList<Lane> lanes, SweepOptions options, bool keeps)
{
    private readonly bool drops = options.Estimate.Has(EstimateFixes.GradDrop);
    private readonly IReadOnlyList<double> alphas = options.Estimate.Alphas(options.Method);

    /// <summary>The activations that the lanes keep beside the site's own.</summary>
    public static IReadOnlyList<Activation> Beside(SweepOptions options) => options.Estimate.Has(EstimateFixes.Softmax) ? [Activation.Q, Activation.K] : [];

    /// <summary>Estimates sweeps that share the run that is patched and, of integrated gradients, the one that activations come from.</summary>
    /// <param name="tasks">The sweeps, of one site.</param>
    /// <param name="kept">The lanes' activations.</param>
    /// <param name="metrics">From the base run's logits, [1, positions that are read, d_vocab], to a metric's number, [1].</param>
    /// <param name="done">Receives the share of the points that are done.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>Of each sweep each metric's change in each cell.</returns>
    public double[][][] Estimate(
        IReadOnlyList<SweepTask> tasks, NaiveSweep kept, IReadOnlyList<(string Name, Func<Tensor, Tensor> Of)> metrics, Action<double>? done, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var through = options.Estimate.Has(EstimateFixes.Softmax);
        var (from, sums) = (lanes[tasks[0].Base], tasks.Select(task => metrics.Select(_ => new CellSums(task, model.Config.NLayers, drops)).ToArray()).ToArray());
        var gradients = new SiteGradients(model, through ? Activation.Pattern : options.Site, from.Read, keeps, drops);
        Func<Tensor, Tensor>[] measured = [.. metrics.Select(metric => (Func<Tensor, Tensor>)(logits => WithGradient(metric, logits)))];
        var (start, end) = (Embed(from), options.Method == SweepMethod.Ig ? Embed(lanes[tasks[0].Value.SourceRun!.Value]) : null);
        using var changes = new LayerChanges(graph => tasks.Select(task => ChangeOf(graph, task)));
        foreach (var (index, alpha) in alphas.Index())
        {
            using var pointScope = NewDisposeScope();
            gradients.Run(alpha == 0 ? start : start.Plus((end! - start).Times(alpha)), measured, Take, cancel);
            done?.Invoke((index + 1.0) / alphas.Count);
        }
        return [.. sums.Select(of => of.Select(metric => metric.Cells()).ToArray())];

        void Take(LayerGraph graph, int metric, int? dropped, Tensor slope)
        {
            using var noGrad = no_grad();
            foreach (var (task, change) in changes.Of(graph).Index())
            {
                using var times = change.Times(slope).cpu();
                sums[task][metric].Add(graph.Layer, dropped, times.data<double>().ToArray(), 1.0 / alphas.Count);
            }
        }

        SiteChange ChangeOf(LayerGraph graph, SweepTask task) => through ? new SoftmaxChange(model, graph, task, kept, from.Prompt) : new LinearChange(task, kept, graph.Layer, from.Prompt);
    }

    private static Tensor WithGradient((string Name, Func<Tensor, Tensor> Of) metric, Tensor logits) => metric.Of(logits) is { requires_grad: true } number ? number
        : throw new PatchKernelException($"The metric {metric.Name} has no gradient, so it can't be estimated by one; measure another, or sweep exactly.");

    private Tensor Embed(Lane lane)
    {
        using var scope = NewDisposeScope();
        var embedded = model.Embed(lane.Ids)[0];
        return scope.MoveToOuter(lane.Noise is { } noise ? embedded.Plus(noise) : embedded);
    }

    /// <summary>The changes in the layer that the backward pass is in.</summary>
    private sealed class LayerChanges(Func<LayerGraph, IEnumerable<SiteChange>> make) : IDisposable
    {
        private readonly List<SiteChange> changes = [];
        private LayerGraph? layer;

        public List<SiteChange> Of(LayerGraph graph)
        {
            if (ReferenceEquals(layer, graph)) return changes;
            Dispose();
            layer = graph;
            foreach (var change in make(graph)) changes.Add(change);
            return changes;
        }

        public void Dispose()
        {
            foreach (var change in changes) change.Dispose();
            changes.Clear();
        }
    }
}
