using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Every cell estimated by one forward and one backward: what is put in less what is there, times the metric's gradient in the base run.</summary>
/// <remarks>Attribution patching (AtP); Nanda 2023, "Attribution Patching: Activation Patching At Industrial Scale"; Syed et al. 2023, arXiv:2310.10348.</remarks>
/// <param name="model">The model.</param>
/// <param name="lanes">The unpatched runs.</param>
internal sealed class GradientSweep(LanguageModel model, IReadOnlyList<Lane> lanes)
{
    /// <summary>The method's name in result files.</summary>
    public const string Name = "atp";

    /// <summary>Estimates one sweep's cells: how much each changes a metric.</summary>
    /// <param name="task">The sweep.</param>
    /// <param name="kept">The lanes' activations.</param>
    /// <param name="metrics">From the base run's logits, [1, positions that are read, d_vocab], to a metric's number, [1].</param>
    /// <param name="cancel">Stops the run before its next layer.</param>
    /// <returns>For each metric its change in each cell.</returns>
    public float[][] Estimate(SweepTask task, NaiveSweep kept, IReadOnlyList<(string Name, Func<Tensor, Tensor> Of)> metrics, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        using var tap = new GradientTap(task.Site.Activation);
        var lane = lanes[task.Base];
        var stream = new ForwardPass(model).Streams([NaiveSweep.Run(lane, tap)], cancel)[0][0].narrow(0, lane.Ids.Count - lane.Read, lane.Read);
        var logits = model.Unembedding.Forward(stream).unsqueeze(0);
        Tensor[] puts = [.. Enumerable.Range(0, model.Config.NLayers).Select(layer => PutLess(task, kept, layer))];
        return [.. metrics.Select(Change)];

        float[] Change((string Name, Func<Tensor, Tensor> Of) metric)
        {
            cancel.ThrowIfCancellationRequested();
            using var metricScope = NewDisposeScope();
            var number = metric.Of(logits);
            if (!number.requires_grad) throw new PatchKernelException($"The metric {metric.Name} has no gradient, so it can't be estimated by one; measure another, or sweep exactly.");
            var slopes = autograd.grad([number.sum()], tap.Values, retain_graph: true, allow_unused: true);
            using var noGrad = no_grad();
            // Of a layer, [pos], [pos, head], or of a pattern [head, query_pos]: what each place's change adds, were it the only one.
            return Cells(task, [.. puts.Zip(slopes, (put, slope) => (put * slope[0]).to(ScalarType.Float64).sum(-1).cpu())], lane.Prompt);
        }
    }

    /// <summary>What is put in less what is there; owned by the caller's dispose scope.</summary>
    private static Tensor PutLess(SweepTask task, NaiveSweep kept, int layer)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var there = kept.Kept(task.Base, task.Site.Activation, layer);
        return scope.MoveToOuter(task.Value.Of(there, lane => kept.Kept(lane, task.Site.Activation, layer)) - there.Value);
    }

    private float[] Cells(SweepTask task, Tensor[] each, int prompt)
    {
        var shape = task.Site.Shape(model.Config, prompt);
        var (values, width) = (each.Select(layer => layer.data<double>().ToArray()).ToArray(), each[0].dim() == 1 ? 1 : (int)each[0].shape[1]);
        return [.. Enumerable.Range(0, (int)task.Site.Cells(model.Config, prompt)).Select(cell =>
        {
            var at = task.Site.At(cell, shape);
            return (float)Enumerable.Range(0, model.Config.NLayers).Where(layer => layer >= task.From(at.Layer) && layer <= task.To(at.Layer)).Sum(layer => at.Pos is { } pos
                ? Value(layer, pos, at.Head) : Enumerable.Range(0, prompt).Sum(each => Value(layer, each, at.Head)));
        })];

        double Value(int layer, int pos, int? head) => values[layer][task.Site.Activation == Activation.Pattern ? head!.Value * width + pos : pos * width + head.GetValueOrDefault()];
    }

    /// <summary>Keeps an activation of every layer as a part of the graph, and begins the graph at the embeddings.</summary>
    private sealed class GradientTap(Activation wanted) : ITap, IDisposable
    {
        private readonly List<Tensor> values = [];
        private Tensor? start;

        /// <summary>The activation, layer by layer.</summary>
        public IList<Tensor> Values => values;

        public bool Wants(Activation activation, int layer) => activation == wanted || activation == Activation.Embed;

        public Tensor Visit(Activation activation, int layer, Tensor value)
        {
            if (activation == Activation.Embed) return start = value.detach().requires_grad_().DetachFromDisposeScope();
            if (activation != wanted) return value;
            values.Add(value.alias().DetachFromDisposeScope());
            return values[^1];
        }

        public void Dispose()
        {
            foreach (var value in values) value.Dispose();
            start?.Dispose();
        }
    }
}
