using System.Globalization;
using PatchKernel.Text;

namespace PatchKernel.Sweeps;

/// <summary>What a pair check finds in the two unpatched runs.</summary>
internal static class RunFindings
{
    /// <summary>A gap under this many logits or nats is called small: scores divide by it.</summary>
    public const float SmallGap = 1;

    /// <summary>Whether scores can hardly be divided by a gap.</summary>
    public static bool IsSmall(Metric metric, float gap) => metric.IsLogarithmic && Math.Abs(gap) < SmallGap;

    /// <summary>Whether the corrupt run favours the clean target more than the clean run does.</summary>
    public static bool IsWrongWay(Metric metric, float gap) => metric.CleanIs == CleanIs.Lower ? gap > 0 : gap < 0;

    /// <summary>A clean run that answers something else, and a gap that scores can't be divided by, or hardly.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="metric">What the gap is by.</param>
    /// <param name="answers">Whether another answer is a finding.</param>
    public static IEnumerable<Finding> OfGap(PromptPair pair, Baseline runs, Metric metric, bool answers = true)
    {
        var gap = metric.CleanIs == CleanIs.Neither ? 1 : runs.Gap(metric); // without a score the gap says nothing
        var unit = metric.Unit.Length == 0 ? "" : $" {metric.Unit}";
        var wrongWay = IsWrongWay(metric, gap);
        if (!float.IsFinite(gap))
            yield return Error($"The gap between the runs is {Number(gap)}, so no score can be made; compute in float32 or choose another pair.");
        else if (Math.Abs(gap) < metric.LeastGap)
            yield return Error($"The gap between the runs is zero: the {metric.Description} is the same for both prompts, "
                + "so no score can be made; choose another pair or metric.");
        else if (IsSmall(metric, gap))
            yield return Warning($"The gap between the runs is small{(wrongWay ? $" and {Sign(gap)}" : "")}, {Number(gap)}{unit} by {metric.Name}; "
                + "scores divide by it, so small effects look large.");
        else if (wrongWay)
            yield return Warning($"The gap between the runs is {Sign(gap)}, {Number(gap)}{unit} by {metric.Name}: "
                + "the corrupt run favours the clean target more than the clean run does.");
        if (answers && runs.Clean.Best[0] is var best && best.Logit > runs.Clean.CleanTarget && pair.CleanTargets.All(target => target.Id != best.Id))
            yield return Warning($"The clean run answers {best.Label} ({Number(best.Logit)}) "
                + $"and not the clean target {pair.CleanTarget} ({Number(runs.Clean.CleanTarget)}).");
    }

    /// <summary>A corrupt run that answers something else, where nobody has measured what it answers.</summary>
    /// <remarks>A run with noise on the clean prompt stands in for the corrupt one, and isn't asked the corrupt question.</remarks>
    public static IEnumerable<Finding> OfCorruptRun(PromptPair pair, Baseline runs, string? model)
    {
        if (runs.IsNoised || (model is not null && pair.KnownAnswers.Any(known => known.Is(model) && known.Corrupt is not null))) yield break;
        if (runs.Corrupt.Best[0] is var best && best.Logit > runs.Corrupt.CorruptTarget && pair.CorruptTargets.All(target => target.Id != best.Id))
            yield return Warning($"The corrupt run answers {best.Label} ({Number(best.Logit)}) "
                + $"and not the corrupt target {pair.CorruptTarget} ({Number(runs.Corrupt.CorruptTarget)}).");
    }

    /// <summary>Best tokens other than those that the pair's file has for this model.</summary>
    public static IEnumerable<Finding> OfAnswers(PromptPair pair, Baseline runs, string? model)
    {
        if (model is null || pair.KnownAnswers.FirstOrDefault(known => known.Is(model)) is not { } known) yield break;
        foreach (var (run, expected, best) in new[] { ("clean", known.Clean, runs.Clean.Best[0]), ("corrupt", known.Corrupt, runs.Corrupt.Best[0]) })
            if (expected is not null && best.Text is not null && best.Text != expected && !(runs.IsNoised && run == "corrupt"))
                yield return Warning($"Of {known.Name} the {run} run is expected to answer {Quoted.Text(expected)}, and this model says {best.Label}.");
    }

    private static string Sign(float gap) => gap < 0 ? "negative" : "positive";

    private static string Number(float value) => value.ToString("0.0##", CultureInfo.InvariantCulture);

    private static Finding Error(string message) => new(Severity.Error, message);

    private static Finding Warning(string message) => new(Severity.Warning, message);
}
