namespace PatchKernel;

/// <summary>Both runs unpatched: what a sweep's scores are measured against.</summary>
/// <param name="Clean">The clean run's last position.</param>
/// <param name="Corrupt">The corrupt run's last position.</param>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record Baseline(RunSummary Clean, RunSummary Corrupt) : IShowsHtml
{
    private const int BestTokens = 5;

    /// <summary>Whether the corrupt run is the clean prompt with noise on it, which stands in for the corrupt prompt.</summary>
    public bool IsNoised { get; init; }

    /// <summary>Runs both prompts.</summary>
    /// <exception cref="PatchKernelException">A prompt doesn't fit the model.</exception>
    public static Baseline Run(Llama model, PromptPair pair) =>
        Of(model, pair, model.NextTokenLogits(pair.Clean.Ids), model.NextTokenLogits(pair.Corrupt.Ids));

    /// <summary>The clean run's metric less the corrupt run's: what a normalised score divides by.</summary>
    public float Gap(Metric metric) => Value(metric, Clean) - Value(metric, Corrupt);

    /// <summary>Both runs' best tokens side by side, and the gap between them by each metric.</summary>
    public string ToHtml() => TokenTable.Of(this);

    /// <summary>Each run's best token, and the gap by each metric.</summary>
    public override string ToString()
    {
        var gaps = Metric.All.Select(metric => FormattableString.Invariant($"{Gap(metric):F2} by {metric.Name}"));
        return $"clean run {Clean.Prediction.Best[0]}, corrupt run {Corrupt.Prediction.Best[0]}; gap {string.Join(", ", gaps)}";
    }

    internal static Baseline Of(Llama model, PromptPair pair, IReadOnlyList<float> clean, IReadOnlyList<float> corrupt)
    {
        return new Baseline(Summary("clean", clean), Summary("corrupt", corrupt));

        RunSummary Summary(string run, IReadOnlyList<float> logits)
        {
            if (logits.Any(logit => !float.IsFinite(logit)))
                throw new PatchKernelException($"The {run} run's logits are not finite in {model.Summary.Dtype}; run the model in float32 or bfloat16.");
            return new RunSummary(logits[pair.CleanTarget.Id], logits[pair.CorruptTarget.Id], TokenLogit.Best(logits, BestTokens, model.Tokenizer))
            {
                LogSumExp = (float)Prediction.LogSumExp(logits),
            };
        }
    }

    /// <summary>Turns patched logits into normalised scores.</summary>
    internal float[] Normalise(Metric metric, float[] cleanTarget, float[] corruptTarget)
    {
        var (clean, corrupt) = (Value(metric, Clean), Value(metric, Corrupt));
        return [.. cleanTarget.Zip(corruptTarget, (c, k) => Metric.Normalise(metric.Value(c, k), clean, corrupt))];
    }

    private static float Value(Metric metric, RunSummary run) => metric.Value(run.CleanTarget, run.CorruptTarget);
}
