namespace PatchKernel;

/// <summary>Both runs unpatched: what a sweep's scores are measured against.</summary>
/// <param name="Clean">The clean run's last position.</param>
/// <param name="Corrupt">The corrupt run's last position.</param>
public sealed record Baseline(RunSummary Clean, RunSummary Corrupt)
{
    private const int BestTokens = 5;

    /// <summary>Runs both prompts.</summary>
    /// <exception cref="PatchKernelException">A prompt doesn't fit the model.</exception>
    public static Baseline Run(Llama model, PromptPair pair) =>
        Of(model, pair, model.NextTokenLogits(pair.Clean.Ids), model.NextTokenLogits(pair.Corrupt.Ids));

    /// <summary>The clean run's metric less the corrupt run's: what a normalised score divides by.</summary>
    public float Gap(Metric metric) => Value(metric, Clean) - Value(metric, Corrupt);

    internal static Baseline Of(Llama model, PromptPair pair, IReadOnlyList<float> clean, IReadOnlyList<float> corrupt)
    {
        return new Baseline(Summary("clean", clean), Summary("corrupt", corrupt));

        RunSummary Summary(string run, IReadOnlyList<float> logits)
        {
            if (logits.Any(logit => !float.IsFinite(logit)))
                throw new PatchKernelException($"The {run} run's logits are not finite in {model.Summary.Dtype}; run the model in float32 or bfloat16.");
            return new RunSummary(logits[pair.CleanTarget.Id], logits[pair.CorruptTarget.Id], TokenLogit.Best(logits, BestTokens, model.Tokenizer));
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
