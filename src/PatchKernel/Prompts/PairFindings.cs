using System.Globalization;

namespace PatchKernel;

/// <summary>The single questions of a pair check.</summary>
internal static class PairFindings
{
    /// <summary>A gap under this many logits is rounding, and counts as none.</summary>
    public const float ZeroGap = 1e-4f;

    /// <summary>A gap under this many logits is called small: scores divide by it.</summary>
    public const float SmallGap = 1;

    /// <summary>Empty, identical and unequally long prompts.</summary>
    public static IEnumerable<Finding> OfPrompts(PromptPair pair)
    {
        foreach (var (side, prompt) in Sides(pair))
            if (prompt.Length == 0 || prompt.Text == "") yield return Error($"The {side} prompt is empty; give a text or ids.");
        if (pair.Clean.Length == 0 || pair.Corrupt.Length == 0) yield break;
        if (pair.Clean.Length != pair.Corrupt.Length) yield return Error(TokenDifference.Of(pair).UnequalLength());
        else if (pair.DifferingPositions.Count == 0)
            yield return Error("Both prompts are the same tokens, so there is nothing to patch; let them differ in the subject.");
    }

    /// <summary>Targets that are one token, and so can't be told apart.</summary>
    public static IEnumerable<Finding> OfTargets(PromptPair pair)
    {
        var (clean, corrupt) = (pair.CleanTarget, pair.CorruptTarget);
        if (clean.Id != corrupt.Id) yield break;
        yield return clean.Answer == corrupt.Answer
            ? Error($"Both targets are {clean}; choose answers that differ.")
            : Error($"The targets {Answer(clean)} and {Answer(corrupt)} share their first token, {clean}, and only the first counts; "
                + "choose answers that begin differently.");
    }

    /// <summary>Ids that the model doesn't have, and given ids that lack the template's first token.</summary>
    public static IEnumerable<Finding> OfIds(PromptPair pair, int? vocabularySize, int? bosId)
    {
        if (vocabularySize is { } size)
        {
            var range = $"the model's ids are 0 to {size - 1}";
            foreach (var (side, prompt) in Sides(pair))
                foreach (var id in prompt.Ids.Where(id => id < 0 || id >= size).Take(1))
                    yield return Error($"The {side} prompt has the id {id}, and {range}.");
            foreach (var (side, target) in new[] { ("clean", pair.CleanTarget), ("corrupt", pair.CorruptTarget) })
                if (target.Id < 0 || target.Id >= size) yield return Error($"The {side} target is the id {target.Id}, and {range}.");
        }
        if (bosId is not { } bos) yield break;
        var lacking = Sides(pair).Where(side => side.Prompt.Length > 0 && side.Prompt.Ids[0] != bos).Select(side => side.Name).ToList();
        if (lacking.Count > 0)
            yield return Warning($"The {string.Join(" and the ", lacking)} prompt {(lacking.Count > 1 ? "lack" : "lacks")} the first token {bos} "
                + "that the tokenizer adds to a text; the ids are taken as they are.");
    }

    /// <summary>A clean run that answers something else, and a gap that scores can't be divided by, or hardly.</summary>
    public static IEnumerable<Finding> OfRuns(PromptPair pair, Baseline runs, Metric metric)
    {
        var gap = runs.Gap(metric);
        if (!float.IsFinite(gap))
            yield return Error($"The gap between the runs is {Number(gap)}, so no score can be made; compute in float32 or choose another pair.");
        else if (Math.Abs(gap) < ZeroGap)
            yield return Error($"The gap between the runs is zero: the {metric.Description} is the same for both prompts, "
                + "so no score can be made; choose another pair or metric.");
        else if (Math.Abs(gap) < SmallGap)
            yield return Warning($"The gap between the runs is small{(gap < 0 ? " and negative" : "")}, {Number(gap)} logits by {metric.Name}; "
                + "scores divide by it, so small effects look large.");
        else if (gap < 0)
            yield return Warning($"The gap between the runs is negative, {Number(gap)} logits by {metric.Name}: "
                + "the corrupt run favours the clean target more than the clean run does.");
        if (runs.Clean.Best[0] is var best && best.Logit > runs.Clean.CleanTarget)
            yield return Warning($"The clean run answers {best.Label} ({Number(best.Logit)}) "
                + $"and not the clean target {pair.CleanTarget} ({Number(runs.Clean.CleanTarget)}).");
    }

    /// <summary>A corrupt run that answers something else, where nobody has measured what it answers.</summary>
    /// <remarks>A run with noise on the clean prompt stands in for the corrupt one, and isn't asked the corrupt question.</remarks>
    public static IEnumerable<Finding> OfCorruptRun(PromptPair pair, Baseline runs, string? model)
    {
        if (runs.IsNoised || (model is not null && pair.KnownAnswers.Any(known => known.Is(model) && known.Corrupt is not null))) yield break;
        if (runs.Corrupt.Best[0] is var best && best.Logit > runs.Corrupt.CorruptTarget)
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

    private static (string Name, Prompt Prompt)[] Sides(PromptPair pair) => [("clean", pair.Clean), ("corrupt", pair.Corrupt)];

    private static string Answer(Target target) => target.Answer is null ? target.ToString() : Quoted.Text(target.Answer);

    private static string Number(float value) => value.ToString("0.0##", CultureInfo.InvariantCulture);

    private static Finding Error(string message) => new(Severity.Error, message);

    private static Finding Warning(string message) => new(Severity.Warning, message);
}
