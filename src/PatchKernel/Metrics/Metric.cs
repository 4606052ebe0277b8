using PatchKernel.Metrics;
using PatchKernel.Text;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One number of each patched run, taken from its logits.</summary>
/// <param name="Name">Its name on the command line, in charts and in result files.</param>
/// <param name="Description">What it measures, in a few words.</param>
/// <param name="Compute">
/// From the logits of some cells to one number a cell, [cells]. Written in tensor operations, so that a gradient passes through; those of rank, best and match have
/// none. Called several times a sweep, each time with other cells; once with the unpatched runs for cells. Its tensors belong to the caller's dispose scope.
/// </param>
/// <example><code>
/// var margin = new Metric("margin", "logit of the clean target less the mean logit", m => m.AtClean(m.Logits) - m.Logits.Tensor.mean([1])) { Unit = "logits" };
/// </code></example>
public sealed record Metric(string Name, string Description, Func<MetricInput, ActivationValue> Compute)
{
    /// <summary>Its unit, <c>logits</c> or <c>nats</c> say; empty for a plain number.</summary>
    public string Unit { get; init; } = "";

    /// <summary>On which side the clean run lies.</summary>
    public CleanIs CleanIs { get; init; } = CleanIs.Higher;

    /// <summary>How the values of several right or several wrong answers become one; see <see cref="MetricInput.AtClean"/>.</summary>
    public AnswerReduction Reduction { get; init; } = AnswerReduction.Mean;

    /// <summary>Whether it reads what follows each token of the clean answer, as <see cref="MetricInput.AnswerLogits"/>; the runs are then longer by the answer.</summary>
    public bool ReadsAnswer { get; init; }

    /// <summary>The logit of the clean target alone, as the nnsight tutorial "Activation Patching" has it.</summary>
    public static Metric TargetLogit { get; } = new("target_logit", "logit of the clean target", m => m.AtClean(m.Logits)) { Unit = Logits };

    /// <summary>The clean target's logit less the corrupt target's.</summary>
    public static Metric LogitDiff { get; } =
        new("logit_diff", "logit difference of the clean and the corrupt target", m => m.AtClean(m.Logits) - m.AtCorrupt(m.Logits)) { Unit = Logits };

    /// <summary>Probability of the clean target; of several, the sum.</summary>
    public static Metric Probability { get; } =
        new("probability", "probability of the clean target", m => m.AtClean(m.LogProbabilities).Tensor.exp()) { Reduction = AnswerReduction.LogSumExp };

    /// <summary>Log probability of the clean target, in nats; of several, that of their sum.</summary>
    public static Metric LogProbability { get; } =
        new("log_probability", "log probability of the clean target", m => m.AtClean(m.LogProbabilities)) { Unit = Nats, Reduction = AnswerReduction.LogSumExp };

    /// <summary>How many tokens have a higher logit than the clean target, or than the best of several; 0 is best. No gradient.</summary>
    public static Metric Rank { get; } = new(
        "rank", "rank of the clean target, 0 is best", m => (m.Logits.Tensor > m.Logits.Tensor.index_select(1, m.Ids(m.CleanAnswers)).amax([1], keepdim: true)).sum(1))
    { CleanIs = CleanIs.Lower };

    /// <summary>KL(clean ‖ patched) of the next token, in nats.</summary>
    public static Metric Kl { get; } = new(
        "kl", "KL divergence from the clean run", m => (m.CleanLogProbabilities.Tensor.exp() * (m.CleanLogProbabilities - m.LogProbabilities)).Tensor.sum(1))
    { Unit = Nats, CleanIs = CleanIs.Lower };

    /// <summary>The best token's id. It has no score, and no gradient.</summary>
    public static Metric Best { get; } = new("best", "id of the best token", m => m.Logits.Tensor.argmax(1)) { CleanIs = CleanIs.Neither };

    /// <summary>1 where the best token is the clean target, or one of them, and 0 elsewhere: its mean is the interchange accuracy. No gradient.</summary>
    /// <remarks>Geiger et al. 2021, arXiv:2106.02997.</remarks>
    public static Metric Match { get; } =
        new("match", "1 where the best token is the clean target", m => m.Logits.Tensor.argmax(1, keepdim: true).eq(m.Ids(m.CleanAnswers)).any(1));

    /// <summary>Log probability of the clean target's whole answer, in nats: each of its tokens is given and the next one asked for.</summary>
    public static Metric AnswerLogProb { get; } = new("answer_log_prob", "log probability of the whole clean answer", m =>
    {
        var index = m.Ids(m.Answer).view(1, -1, 1).expand(m.Logits.Shape[0], -1, 1);
        return nn.functional.log_softmax(m.AnswerLogits, 2).gather(2, index).flatten(1).sum(1);
    })
    { Unit = Nats, ReadsAnswer = true };

    /// <summary>Every metric that has a name on the command line, the default first.</summary>
    public static IReadOnlyList<Metric> All { get; } =
        [TargetLogit, LogitDiff, Probability, LogProbability, Rank, Kl, Best, Match, AnswerLogProb, TargetLogit.LogSumExp(), LogitDiff.LogSumExp()];

    /// <summary>The metric of a name.</summary>
    /// <exception cref="PatchKernelException">No metric has that name; the message lists those that are.</exception>
    public static Metric Parse(string name) => All.FirstOrDefault(metric => metric.Name == name)
        ?? throw new PatchKernelException($"There is no metric '{Excerpt.Text(name)}'; choose one of {string.Join(", ", All.Select(metric => metric.Name))}.");

    /// <summary>The same with log Σ exp over several answers instead of their mean; <c>.lse</c> stands behind its name.</summary>
    public Metric LogSumExp() =>
        this with { Name = $"{Name}.lse", Description = $"{Description}, log-sum-exp over several", Reduction = AnswerReduction.LogSumExp };

    /// <summary>(patched − corrupt) / (clean − corrupt): 0 is the corrupt run, 1 the clean one, and it may leave [0, 1].</summary>
    public static float Normalise(float patched, float clean, float corrupt) => (patched - corrupt) / (clean - corrupt);

    /// <summary>Those that a sweep measures where nobody says.</summary>
    internal static IReadOnlyList<Metric> Usual { get; } = [TargetLogit, LogitDiff];

    /// <summary>Both targets' logits, which every result has, whatever its metrics.</summary>
    internal static IReadOnlyList<Metric> Targets { get; } =
    [
        new(ValueNames.CleanTarget, "", m => m.Logits.Tensor.select(1, m.CleanAnswers[0])),
        new(ValueNames.CorruptTarget, "", m => m.Logits.Tensor.select(1, m.CorruptAnswers[0])),
    ];

    private const string Logits = "logits";
    private const string Nats = "nats";

    /// <summary>Whether it is one of <see cref="All"/>, which files know by their names.</summary>
    internal bool IsKnown => All.Contains(this);

    /// <summary>Whether a gap of 1 is a small one.</summary>
    internal bool IsLogarithmic => Unit is Logits or Nats;

    /// <summary>A gap under this is rounding, and counts as none.</summary>
    internal float LeastGap => IsLogarithmic ? 1e-4f : 1e-6f;

    /// <summary>Whether two runs differ by it, so that a score can be made.</summary>
    internal bool HasGap(float clean, float corrupt) =>
        CleanIs != CleanIs.Neither && float.IsFinite(clean - corrupt) && Math.Abs(clean - corrupt) >= LeastGap;

    /// <summary>Somebody's own metric as a file has it, without the function.</summary>
    internal static Metric Stored(string name, string description) => new(name, description, _ => throw new PatchKernelException(
        $"The metric '{name}' came from a result file, which has its numbers and not how they are made; make the metric anew to compute with it."));

    /// <summary>Its number of each cell, [cells], float32; owned by the caller's dispose scope.</summary>
    /// <exception cref="PatchKernelException">It gave something else, or failed.</exception>
    internal Tensor Of(MetricInput input)
    {
        // Somebody's own may write into what it gets.
        var value = Computed((IsKnown || Targets.Contains(this) ? input : input.Copy()).Reduced(Reduction));
        var cells = input.Logits.Shape[0];
        if (value.shape is not [var count] || count != cells)
            throw new PatchKernelException($"The metric '{Name}' gave numbers of the shape [{string.Join(", ", value.shape)}] for {cells} cells; let it give one a cell, [{cells}].");
        if (value.is_complex()) throw new PatchKernelException($"The metric '{Name}' gave complex numbers; let it give real ones.");
        return value.to(ScalarType.Float32);
    }

    private Tensor Computed(MetricInput input)
    {
        try
        {
            return (Compute(input) ?? throw new PatchKernelException("it gives nothing back")).Tensor;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new PatchKernelException($"The metric '{Name}' can't be computed: {Excerpt.Reason(e)}.", e);
        }
    }

    /// <summary>What prompts are longer by where a metric reads the whole clean answer: all its tokens but the last.</summary>
    /// <exception cref="PatchKernelException">The answer's tokens aren't known.</exception>
    internal static IReadOnlyList<int> ReadBehind(PromptPair pair, IReadOnlyList<Metric> metrics)
    {
        if (metrics.FirstOrDefault(metric => metric.ReadsAnswer) is not { } reading) return [];
        if (pair.CleanTarget is { Answer: { } answer, Ids.Count: 1 })
            throw new PatchKernelException($"{reading.Name} needs every token of {Quoted.Text(answer)}, and the target has the first alone; make it by Target.FromText.");
        return [.. pair.CleanTarget.Ids.SkipLast(1)];
    }

    /// <summary>Refuses metrics whose names can't stand in a result.</summary>
    /// <exception cref="PatchKernelException">There is none, two have one name, or a name stands for something else.</exception>
    internal static void CheckNames(IReadOnlyList<Metric> metrics)
    {
        if (metrics.Count == 0) throw new PatchKernelException("There is no metric; name at least one.");
        foreach (var metric in metrics)
        {
            if (metric is not { Name: not null, Description: not null } || metric.Name.Any(char.IsControl) || !Enum.IsDefined(metric.CleanIs))
                throw new PatchKernelException($"A metric needs a name of one line, a description and a side, and this has the name '{PlainText.Of(metric?.Name ?? "")}'.");
            if (metric.Name is "" or ValueNames.CleanTarget or ValueNames.CorruptTarget or ValueNames.Score
                || metric.Name.EndsWith(ValueNames.SpreadSuffix, StringComparison.Ordinal)
                || (!metric.IsKnown && All.Any(known => known.Name == metric.Name)))
                throw new PatchKernelException($"A metric can't be called '{metric.Name}', which stands for something else in charts and files; choose another name.");
        }
        if (metrics.GroupBy(metric => metric.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PatchKernelException($"The metric '{twice.Key}' is asked for twice; name it once.");
    }
}
