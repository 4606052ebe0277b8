using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A number taken from each cell's logits at the last position.</summary>
/// <param name="Name">Its name in result files and on the command line.</param>
/// <param name="Description">What it is, with its unit, for charts and tables.</param>
/// <param name="Of">From the logits to one number a row.</param>
public sealed record Measure(string Name, string Description, Func<PatchedLogits, Tensor> Of)
{
    /// <summary>Logit of the clean target.</summary>
    public static Measure CleanTarget { get; } = new("clean_target", "logit of the clean target", logits => logits.Values.select(1, logits.CleanTarget));

    /// <summary>Logit of the corrupt target.</summary>
    public static Measure CorruptTarget { get; } = new("corrupt_target", "logit of the corrupt target", logits => logits.Values.select(1, logits.CorruptTarget));

    /// <summary>Probability of the clean target.</summary>
    public static Measure Probability { get; } = new("probability", "probability of the clean target", logits => logits.LogProbabilities.select(1, logits.CleanTarget).exp());

    /// <summary>Log probability of the clean target, in nats.</summary>
    public static Measure LogProbability { get; } =
        new("log_probability", "log probability of the clean target, nats", logits => logits.LogProbabilities.select(1, logits.CleanTarget));

    /// <summary>How many tokens have a higher logit than the clean target; 0 where it is the best.</summary>
    public static Measure Rank { get; } = new("rank", "rank of the clean target, 0 is best",
        logits => (logits.Values > logits.Values.narrow(1, logits.CleanTarget, 1)).sum(1));

    /// <summary>KL(clean ‖ patched) of the next token, in nats.</summary>
    public static Measure Kl { get; } = new("kl", "KL divergence from the clean run, nats",
        logits => (logits.CleanRun.exp() * (logits.CleanRun - logits.LogProbabilities)).sum(1));

    /// <summary>The best token's id.</summary>
    public static Measure Best { get; } = new("best", "id of the best token", logits => logits.Values.argmax(1));

    /// <summary>Those that can be asked for.</summary>
    public static IReadOnlyList<Measure> All { get; } = [Probability, LogProbability, Rank, Kl, Best];

    /// <summary>Refuses a name that stands for what every result has.</summary>
    /// <exception cref="PatchKernelException">The name is one of those.</exception>
    internal void CheckName()
    {
        if (Name is SweepResult.CleanTargetKey or SweepResult.CorruptTargetKey or SweepResult.NormalisedScoreKey || Name.EndsWith(SweepResult.SpreadSuffix, StringComparison.Ordinal))
            throw new PatchKernelException($"A measure can't be called '{Name}', which stands for something else in a result; choose another name.");
    }

    /// <summary>The measure of a name.</summary>
    /// <exception cref="PatchKernelException">No measure has that name; the message lists those that are.</exception>
    public static Measure Parse(string name) => All.FirstOrDefault(measure => measure.Name == name)
        ?? throw new PatchKernelException($"There is no measure '{name}'; choose from {string.Join(", ", All.Select(measure => measure.Name))}.");
}

/// <summary>The last position's logits of some cells.</summary>
public sealed class PatchedLogits
{
    // Most sweeps ask for logits alone: the rest is computed when a measure asks.
    private readonly Lazy<Tensor> logProbabilities;
    private readonly Lazy<Tensor> cleanRun;

    internal PatchedLogits(Tensor values, float[] cleanRun, PromptPair pair)
    {
        (Values, CleanTarget, CorruptTarget) = (values, pair.CleanTarget.Id, pair.CorruptTarget.Id);
        logProbabilities = new(() => nn.functional.log_softmax(values, 1));
        this.cleanRun = new(() => nn.functional.log_softmax(tensor(cleanRun, device: values.device), 0));
    }

    /// <summary>[cells, d_vocab], float32; the sweep's to dispose.</summary>
    public Tensor Values { get; }

    /// <summary>Their log probabilities, [cells, d_vocab]; owned by the dispose scope of the first use.</summary>
    public Tensor LogProbabilities => logProbabilities.Value;

    /// <summary>The clean run's log probabilities, [d_vocab]; owned by the dispose scope of the first use.</summary>
    public Tensor CleanRun => cleanRun.Value;

    /// <summary>Id of the clean target.</summary>
    public int CleanTarget { get; }

    /// <summary>Id of the corrupt target.</summary>
    public int CorruptTarget { get; }
}
