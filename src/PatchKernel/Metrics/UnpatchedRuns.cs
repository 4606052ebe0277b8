using PatchKernel.Activations;
using PatchKernel.Models;
using PatchKernel.Taps;
using static TorchSharp.torch;

namespace PatchKernel.Metrics;

/// <summary>A pair's unpatched runs: logits at the positions that are read, flat, [positions · d_vocab].</summary>
/// <param name="Pair">The pair.</param>
/// <param name="Clean">The clean run's.</param>
/// <param name="Corrupt">The corrupt run's; of noise, their mean over the samples.</param>
internal sealed record UnpatchedRuns(PromptPair Pair, float[] Clean, float[] Corrupt)
{
    /// <summary>Runs both prompts.</summary>
    /// <exception cref="PatchKernelException">A prompt doesn't fit the model, a metric needs tokens that aren't known, or a logit is infinite or not a number.</exception>
    public static UnpatchedRuns Of(LanguageModel model, PromptPair pair, IReadOnlyList<Metric> metrics, CancellationToken cancel) => new(
        pair, Logits(model, Run(pair, pair.Clean, metrics), "The clean run's", cancel), Logits(model, Run(pair, pair.Corrupt, metrics), "The corrupt run's", cancel));

    /// <summary>Runs both prompts of several pairs, all side by side.</summary>
    /// <exception cref="PatchKernelException">A prompt doesn't fit the model, a metric needs tokens that aren't known, or a logit is infinite or not a number.</exception>
    public static IReadOnlyList<UnpatchedRuns> Of(LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Metric> metrics, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        TappedRun[] runs = [.. pairs.SelectMany(pair => new[] { Run(pair, pair.Clean, metrics), Run(pair, pair.Corrupt, metrics) })];
        var logits = model.LastLogits(runs, cancel);
        if (!NonFinite.IsFinite(logits)) return [.. pairs.Select(pair => Of(model, pair, metrics, cancel))]; // which says whose
        var each = logits.split([.. runs.Select(run => (long)run.Read)]).Select(part => part.ToFloats()).ToArray();
        return [.. pairs.Select((pair, at) => new UnpatchedRuns(pair, each[2 * at], each[2 * at + 1]))];
    }

    /// <summary>A run of one of a pair's prompts, which is longer by the clean answer where a metric reads that.</summary>
    public static TappedRun Run(PromptPair pair, Prompt prompt, IReadOnlyList<Metric> metrics, ITap? tap = null)
    {
        var answer = Metric.ReadBehind(pair, metrics);
        var given = tap ?? TapSequence.None;
        return new([.. prompt.Ids, .. answer], answer.Count == 0 ? given : new PromptTap(given, prompt.Length)) { Read = answer.Count + 1 };
    }

    /// <summary>A run's logits at the positions that are read, flat.</summary>
    /// <exception cref="PatchKernelException">One is infinite or not a number; <paramref name="whose"/> begins the sentence.</exception>
    public static float[] Logits(LanguageModel model, TappedRun run, string whose, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var logits = model.LastLogits([run], cancel);
        return NonFinite.IsFinite(logits) ? logits.ToFloats() : throw NonFinite.Error(model, [run], 0, whose, cancel);
    }
}
