using PatchKernel.Activations;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Estimates of a grid's cells in the plainest way: one graph of the whole model, each cell's change by a run of its own, and layers left out by detaching what they add.</summary>
internal sealed class NaiveEstimate : IDisposable
{
    private readonly LanguageModel model;
    private readonly SweepOptions options;
    private readonly SweepPlan plan;
    private readonly NaiveSweep kept;

    public NaiveEstimate(LanguageModel model, PromptPair pair, SweepOptions options)
    {
        (this.model, this.options) = (model, options);
        using var noGrad = no_grad();
        plan = new SweepPlan(model, [new(pair, options)]);
        kept = new NaiveSweep(model, plan.Lanes, plan.Tasks, beside: [Activation.Q, Activation.K]);
        kept.RunLanes(default);
    }

    /// <summary>At every position that is read, so that an answer's count too.</summary>
    public static Tensor LogitDiff(Tensor logits) => (logits.select(2, 7) - logits.select(2, 11)).sum(1);

    public void Dispose()
    {
        kept.Dispose();
        plan.Dispose();
    }

    /// <summary>What the library makes of it, in double.</summary>
    public double[] Library(bool keeps = true)
    {
        using var noGrad = no_grad();
        // A sample of noise is a run of its own; roles share theirs.
        return [.. plan.Tasks.GroupBy(task => (task.Base, task.Value.SourceRun)).SelectMany(together =>
            new GradientSweep(model, plan.Lanes, options, keeps).Estimate([.. together], kept, [("logit_diff", LogitDiff)], null, default).SelectMany(task => task[0]))];
    }

    /// <summary>Half the difference that a step to either side makes to the metric, by full forwards; a cell at a time, one layer alone.</summary>
    public double[] Slopes(double step) => [.. plan.Tasks.SelectMany(task => Enumerable.Range(0, (int)Cells(task)).Select(cell =>
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        double At(double share) => LogitDiff(kept.Run(task with { Value = new Step(task.Value, share), Window = 1 }, cell, default).unsqueeze(0)).item<double>();
        return (At(step) - At(-step)) / (2 * step);
    }))];

    /// <summary>The estimates.</summary>
    public double[] Run() => [.. plan.Tasks.SelectMany(task =>
    {
        var layers = model.Config.NLayers;
        var plain = Of(task, null);
        if (!options.Estimate.Fixes.HasFlag(EstimateFixes.GradDrop)) return plain;
        double[][] each = [.. Enumerable.Range(0, layers).Select(dropped => Of(task, dropped))];
        var isStream = options.Site is Activation.ResidPre or Activation.ResidMid or Activation.ResidPost;
        return plain.Select((value, cell) => (value < 0 ? -1 : 1) * each.Sum(drop => Math.Abs(drop[cell])) / (isStream || options.Window > 1 ? layers : layers - 1)).ToArray();
    })];

    private long Cells(SweepTask task) => task.Site.Cells(model.Config, plan.Lanes[task.Base].Prompt);

    private double[] Of(SweepTask task, int? dropped)
    {
        using var scope = NewDisposeScope();
        var alphas = options.Method == SweepMethod.Atp ? [0.0] : Enumerable.Range(options.Estimate.Points == PathPoints.FromOne ? 1 : 0, options.Estimate.Steps).Select(k => (double)k / options.Estimate.Steps).ToArray();
        var through = options.Estimate.Fixes.HasFlag(EstimateFixes.Softmax);
        Tensor[][] gradients = [.. alphas.Select(alpha => Gradients(task, alpha, dropped, through ? Activation.Pattern : task.Site.Activation))];
        return [.. Enumerable.Range(0, (int)Cells(task)).Select(cell => ChangedLayers(task, cell).Sum(layer =>
        {
            using var cellScope = NewDisposeScope();
            var change = through ? OfPattern(task, cell, layer) : OfSite(task, cell, layer);
            return gradients.Average(point => (change * point[layer]).sum().item<double>());
        }))];
    }

    private IEnumerable<int> ChangedLayers(SweepTask task, int cell)
    {
        var centre = task.Site.At(cell, task.Site.Shape(model.Config, plan.Lanes[task.Base].Prompt)).Layer;
        return Enumerable.Range(0, model.Config.NLayers).Where(layer => layer >= task.From(centre) && layer <= task.To(centre));
    }

    /// <summary>The cell's patch in one layer, as a tap.</summary>
    private ITap Patch(SweepTask task, int cell, int layer)
    {
        var lane = plan.Lanes[task.Base];
        var at = task.Site.At(cell, task.Site.Shape(model.Config, lane.Prompt));
        IEnumerable<Index?> positions = task.Value.Targets is { } targets ? targets.Select(pos => (Index?)pos) : at.Pos is { } one ? [one] : Enumerable.Range(0, lane.Prompt).Select(pos => (Index?)pos);
        return TapSequence.Of([.. positions.Select(pos => Tap.Put(
            task.Site.Activation, layer, pos, task.Value.Of(kept.Kept(task.Base, task.Site.Activation, layer), run => kept.Kept(run, task.Site.Activation, layer)), at.Head))]);
    }

    private Tensor OfSite(SweepTask task, int cell, int layer)
    {
        var there = kept.Kept(task.Base, task.Site.Activation, layer).Value;
        var whole = there.unsqueeze(0);
        var patch = Patch(task, cell, layer).Begin(new(model.Config.NLayers, plan.Lanes[task.Base].Prompt, model.Config.NHeads, model.Config.NKeyValueHeads));
        using var noGrad = no_grad();
        return patch.Visit(task.Site.Activation, layer, whole)[0] - there;
    }

    private Tensor OfPattern(SweepTask task, int cell, int layer)
    {
        using var noGrad = no_grad();
        return Pattern(Patch(task, cell, layer)) - Pattern(TapSequence.None);

        Tensor Pattern(ITap patch)
        {
            using var cache = new ActivationCache(Activation.Pattern);
            new ForwardPass(model).Streams([NaiveSweep.Run(plan.Lanes[task.Base], patch, cache)], default);
            return cache[Activation.Pattern, layer][0].clone();
        }
    }

    /// <summary>The metric's gradient at a site of every layer, on the path from the base run's embeddings to the source run's.</summary>
    private Tensor[] Gradients(SweepTask task, double alpha, int? dropped, Activation site)
    {
        using var gradients = enable_grad();
        var lane = plan.Lanes[task.Base];
        var tap = new GraphTap(site, dropped, Between(lane, task.Value.SourceRun is { } source ? plan.Lanes[source] : lane, alpha));
        var stream = new ForwardPass(model).Streams([new TappedRun(lane.Ids, tap) { Read = lane.Read }], default)[0][0].narrow(0, lane.Ids.Count - lane.Read, lane.Read);
        return [.. autograd.grad([LogitDiff(model.Unembedding.Forward(stream).unsqueeze(0)).sum()], tap.Values, allow_unused: true).Zip(
            tap.Values, (slope, value) => slope is null || slope.IsInvalid ? zeros_like(value)[0] : slope[0])];
    }

    private Tensor Between(Lane from, Lane to, double alpha)
    {
        var (start, end) = (Embedded(from), Embedded(to));
        return start.Plus((end - start).Times(alpha)).detach().requires_grad_();

        Tensor Embedded(Lane lane) => lane.Noise is { } noise ? model.Embed(lane.Ids).Plus(noise) : model.Embed(lane.Ids);
    }

    /// <summary>A value part of the way from what is there.</summary>
    private sealed record Step(PatchValue To, double Share) : PatchValue
    {
        public override IReadOnlyList<int>? Targets => To.Targets;

        public override Tensor Of(PlacedValue baseRun, Func<int, PlacedValue> lane) => baseRun.Value.Plus((To.Of(baseRun, lane) - baseRun.Value).Times(Share));
    }

    private sealed class GraphTap(Activation site, int? dropped, Tensor embedded) : ITap
    {
        private readonly List<Tensor> values = [];

        public IList<Tensor> Values => values;

        public bool Wants(Activation activation, int layer) => activation == site || activation is Activation.Embed or Activation.AttnOut or Activation.MlpOut;

        public Tensor Visit(Activation activation, int layer, Tensor value)
        {
            if (activation == Activation.Embed) return embedded;
            var seen = value;
            if (activation == site)
            {
                seen = value.alias().DetachFromDisposeScope();
                values.Add(seen);
            }
            return layer == dropped && activation is (Activation.AttnOut or Activation.MlpOut) ? seen.detach() : seen;
        }
    }
}
