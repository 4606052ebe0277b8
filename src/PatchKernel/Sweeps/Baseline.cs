using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Both runs unpatched: what a sweep's scores are measured against.</summary>
/// <param name="Clean">The clean run's last position.</param>
/// <param name="Corrupt">The corrupt run's last position.</param>
public sealed partial record Baseline(RunSummary Clean, RunSummary Corrupt)
{
    private const int BestTokens = 5;

    /// <summary>Whether the corrupt run is the clean prompt with noise on it, which stands in for the corrupt prompt.</summary>
    public bool IsNoised { get; init; }

    /// <summary>Runs both prompts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The prompts and their targets.</param>
    /// <param name="metrics">What to measure; where none is named, every metric that the last position gives.</param>
    /// <exception cref="PatchKernelException">A prompt doesn't fit the model, or a metric can't be computed.</exception>
    public static Baseline Run(LanguageModel model, PromptPair pair, params IReadOnlyList<Metric> metrics)
    {
        if (metrics.Count == 0) metrics = [.. Metric.All.Where(metric => !metric.ReadsAnswer)];
        return Of(model, UnpatchedRuns.Of(model, pair, metrics, HostStop.Or(CancellationToken.None)), metrics);
    }

    /// <summary>Runs both prompts of several pairs, side by side; a pair whose logits aren't finite doesn't stop the others.</summary>
    /// <returns>Of each pair its runs, or why there are none.</returns>
    internal static IReadOnlyList<(Baseline? Runs, NonFiniteException? Fault)> RunEach(LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Metric> metrics, CancellationToken cancel)
    {
        try
        {
            return [.. UnpatchedRuns.Of(model, pairs, metrics, cancel).Select(runs => (Of(model, runs, metrics), (NonFiniteException?)null))];
        }
        catch (NonFiniteException fault)
        {
            return pairs.Count == 1 ? [(null, fault)] : [.. pairs.SelectMany(pair => RunEach(model, [pair], metrics, cancel))];
        }
    }

    /// <summary>The clean run's metric less the corrupt run's: what a normalised score divides by.</summary>
    /// <exception cref="PatchKernelException">The metric wasn't measured.</exception>
    public float Gap(Metric metric) => Clean.Of(metric) - Corrupt.Of(metric);

    /// <summary>Whether each run's best token is one of its prompt's right answers.</summary>
    internal bool Answers(PromptPair pair) =>
        pair.CleanTargets.Any(target => target.Id == Clean.Best[0].Id) && pair.CorruptTargets.Any(target => target.Id == Corrupt.Best[0].Id);

    /// <summary>Each run's best token, and the gap by each metric.</summary>
    public override string ToString()
    {
        var gaps = Metric.Usual.Select(metric => FormattableString.Invariant($"{Gap(metric):F2} by {metric.Name}"));
        return $"clean run {Clean.Prediction.Best[0]}, corrupt run {Corrupt.Prediction.Best[0]}; gap {string.Join(", ", gaps)}";
    }

    /// <summary>Measures two runs, and the usual metrics in any case.</summary>
    /// <param name="model">The model that ran.</param>
    /// <param name="runs">Their logits.</param>
    /// <param name="metrics">What to measure.</param>
    /// <param name="samples">Of noise, each noised run's logits, over which a metric's mean is taken; else none.</param>
    internal static Baseline Of(LanguageModel model, UnpatchedRuns runs, IReadOnlyList<Metric> metrics, params IReadOnlyList<float[]> samples)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (samples.Count == 0) samples = [runs.Corrupt];
        var read = stack([.. samples.Prepend(runs.Clean).Select(logits => tensor(logits).view(-1, model.Config.DVocab))]);
        var input = new MetricInput(read, runs);
        var values = Metric.Usual.Concat(metrics).DistinctBy(metric => metric.Name).ToDictionary(metric => metric.Name, metric => metric.Of(input).ToFloats());
        return new(
            Summary(runs.Clean, numbers => numbers[0]),
            Summary(runs.Corrupt, numbers => (float)numbers.Skip(1).Average(number => (double)number)));

        RunSummary Summary(float[] logits, Func<float[], float> of)
        {
            var last = logits[..model.Config.DVocab];
            return new(last[runs.Pair.CleanTarget.Id], last[runs.Pair.CorruptTarget.Id], TokenLogit.Best(last, BestTokens, model.Tokenizer))
            {
                LogSumExp = (float)Prediction.LogSumExp(last),
                Values = values.ToDictionary(entry => entry.Key, entry => of(entry.Value)),
            };
        }
    }
}
