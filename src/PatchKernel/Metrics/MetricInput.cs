using PatchKernel.Metrics;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What a metric is computed from: the logits of some patched runs, and those of both unpatched ones.</summary>
/// <remarks>
/// Values belong to the sweep, or to the dispose scope of their first use. Take numbers through them (<c>m.AtClean(m.Logits) * 0.5</c>), as in a tap;
/// <see cref="ActivationValue.Tensor"/> has TorchSharp's other operations.
/// </remarks>
public sealed class MetricInput
{
    // Most sweeps ask for logits alone: the rest is computed when a metric asks.
    private readonly Lazy<ActivationValue> logProbabilities;
    private readonly Lazy<ActivationValue> cleanRun;
    private readonly Lazy<ActivationValue> corruptRun;
    private readonly Lazy<ActivationValue> cleanLogProbabilities;
    private readonly UnpatchedRuns runs;
    private AnswerReduction reduction;

    /// <param name="read">The logits at the positions that are read, [cells, positions, d_vocab], float32.</param>
    /// <param name="runs">The pair's unpatched runs.</param>
    internal MetricInput(Tensor read, UnpatchedRuns runs)
    {
        this.runs = runs;
        (AnswerLogits, Logits) = (read, read.select(1, 0));
        (CleanAnswers, CorruptAnswers) = ([.. runs.Pair.CleanTargets.Select(target => target.Id)], [.. runs.Pair.CorruptTargets.Select(target => target.Id)]);
        Answer = runs.Pair.CleanTarget.Ids;
        logProbabilities = new(() => nn.functional.log_softmax(Logits, 1));
        cleanRun = new(() => OfRun(runs.Clean));
        corruptRun = new(() => OfRun(runs.Corrupt));
        cleanLogProbabilities = new(() => nn.functional.log_softmax(CleanRun, 0));

        ActivationValue OfRun(float[] logits) => tensor(logits[..(int)read.shape[2]], device: read.device);
    }

    /// <summary>Logits at the prompt's last position, [cells, d_vocab], float32.</summary>
    public ActivationValue Logits { get; }

    /// <summary>Their log probabilities, [cells, d_vocab].</summary>
    public ActivationValue LogProbabilities => logProbabilities.Value;

    /// <summary>The clean run's logits at that position, [d_vocab].</summary>
    public ActivationValue CleanRun => cleanRun.Value;

    /// <summary>The corrupt run's, [d_vocab]; of noise, their mean over the samples.</summary>
    public ActivationValue CorruptRun => corruptRun.Value;

    /// <summary>The clean run's log probabilities, [d_vocab].</summary>
    public ActivationValue CleanLogProbabilities => cleanLogProbabilities.Value;

    /// <summary>Logits at the prompt's last position and behind each token of <see cref="Answer"/> but its last, [cells, positions, d_vocab].</summary>
    /// <remarks>Where no metric of the sweep has <see cref="Metric.ReadsAnswer"/>, the first position alone.</remarks>
    public ActivationValue AnswerLogits { get; }

    /// <summary>First tokens of the right answers to the clean prompt.</summary>
    public IReadOnlyList<int> CleanAnswers { get; }

    /// <summary>First tokens of the right answers to the corrupt prompt.</summary>
    public IReadOnlyList<int> CorruptAnswers { get; }

    /// <summary>Every token of the first answer to the clean prompt.</summary>
    public IReadOnlyList<int> Answer { get; }

    /// <summary>The values at the right answers to the clean prompt, [cells]; several become one as the metric's <see cref="Metric.Reduction"/> says.</summary>
    /// <param name="values">[cells, d_vocab], such as <see cref="Logits"/>.</param>
    public ActivationValue AtClean(ActivationValue values) => At(values, CleanAnswers);

    /// <summary>The values at the right answers to the corrupt prompt, [cells].</summary>
    /// <param name="values">[cells, d_vocab], such as <see cref="Logits"/>.</param>
    public ActivationValue AtCorrupt(ActivationValue values) => At(values, CorruptAnswers);

    /// <summary>Ids as a tensor beside the logits.</summary>
    internal Tensor Ids(IReadOnlyList<int> ids) => tensor([.. ids.Select(id => (long)id)], device: Logits.Tensor.device);

    /// <summary>The same with logits of its own: what somebody's lambda writes into is no other metric's.</summary>
    internal MetricInput Copy() => new(AnswerLogits.Tensor.clone(), runs);

    /// <summary>The same for a metric that reduces in some way.</summary>
    internal MetricInput Reduced(AnswerReduction wanted)
    {
        var copy = (MetricInput)MemberwiseClone();
        copy.reduction = wanted;
        return copy;
    }

    private ActivationValue At(ActivationValue values, IReadOnlyList<int> answers)
    {
        if (answers is [var only]) return values.Tensor.select(1, only);
        var several = values.Tensor.index_select(1, Ids(answers));
        return reduction == AnswerReduction.LogSumExp ? several.logsumexp(1) : several.mean([1]);
    }
}
