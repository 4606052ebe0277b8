using PatchKernel.Text;

namespace PatchKernel.Prompts;

/// <summary>What a pair check finds in prompts and targets; nothing runs.</summary>
internal static class PairFindings
{
    /// <summary>Empty, identical and, unless they are swept by role, unequally long prompts.</summary>
    public static IEnumerable<Finding> OfPrompts(PromptPair pair, bool byRole)
    {
        foreach (var (side, prompt) in Sides(pair))
            if (prompt.Length == 0 || prompt.Text == "") yield return Error($"The {side} prompt is empty; give a text or ids.");
        if (pair.Clean.Length == 0 || pair.Corrupt.Length == 0) yield break;
        if (pair.Clean.Length != pair.Corrupt.Length)
        {
            if (!byRole) yield return Error(new TokenDifference(pair).UnequalLength());
        }
        else if (pair.DifferingPositions.Count == 0)
            yield return Error("Both prompts are the same tokens, so there is nothing to patch; let them differ in the subject.");
    }

    /// <summary>Targets that begin with the same token: only the first counts.</summary>
    public static IEnumerable<Finding> OfTargets(PromptPair pair)
    {
        foreach (var clean in pair.CleanTargets)
            if (pair.CorruptTargets.FirstOrDefault(corrupt => corrupt.Id == clean.Id) is { } corrupt)
                yield return clean.Answer == corrupt.Answer ? Error($"Both targets are {clean}; choose answers that differ.") : Error(SameStart(clean, corrupt));
        foreach (var targets in new[] { pair.CleanTargets, pair.CorruptTargets })
            if (targets.GroupBy(target => target.Id).FirstOrDefault(same => same.Count() > 1)?.ToArray() is [var one, var other, ..])
                yield return one.Answer == other.Answer ? Error($"The target {one} is named twice; name it once.") : Error(SameStart(one, other));

        static string SameStart(Target one, Target other) => $"The targets {Answer(one)} and {Answer(other)} share their first token, {one}, and only the first counts; "
            + "choose answers that begin differently.";
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
            foreach (var (side, targets) in new[] { ("clean", pair.CleanTargets), ("corrupt", pair.CorruptTargets) })
                foreach (var id in targets.SelectMany(target => target.Ids).Where(id => id < 0 || id >= size).Take(1))
                    yield return Error($"The {side} target is the id {id}, and {range}.");
        }
        if (bosId is not { } bos) yield break;
        var lacking = Sides(pair).Where(side => side.Prompt.Length > 0 && side.Prompt.Ids[0] != bos).Select(side => side.Name).ToList();
        if (lacking.Count > 0)
            yield return Warning($"The {string.Join(" and the ", lacking)} prompt {(lacking.Count > 1 ? "lack" : "lacks")} the first token {bos} "
                + "that the tokenizer adds to a text; the ids are taken as they are.");
    }

    private static (string Name, Prompt Prompt)[] Sides(PromptPair pair) => [("clean", pair.Clean), ("corrupt", pair.Corrupt)];

    private static string Answer(Target target) => target.Answer is null ? target.ToString() : Quoted.Text(target.Answer);

    private static Finding Error(string message) => new(Severity.Error, message);

    private static Finding Warning(string message) => new(Severity.Warning, message);
}
