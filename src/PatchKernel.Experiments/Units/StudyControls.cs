using System.Globalization;
using PatchKernel.Data;
using PatchKernel.Tables;

namespace PatchKernel.Units;

/// <summary>Draws a study's controls and samples: from the seed and the pair alone, so that nothing depends on what else runs.</summary>
/// <param name="seed">The study's seed.</param>
internal sealed class StudyControls(int seed)
{
    /// <summary>
    /// A random position that none of the study's roles is at, in both prompts: counted from the front before the first role, and from the end behind it.
    /// </summary>
    /// <param name="pair">The pair.</param>
    /// <param name="places">Where its roles are.</param>
    /// <returns>Null where the roles take every token.</returns>
    public TokenRole? RandomPosition(PromptPair pair, IReadOnlyList<RolePlace> places)
    {
        HashSet<int> clean = [.. places.SelectMany(place => place.Clean)], corrupt = [.. places.SelectMany(place => place.Corrupt)];
        var first = Math.Min(clean.Min(), corrupt.Min());
        int[] candidates =
        [
            .. Enumerable.Range(0, pair.Clean.Length)
                .Where(pos => !clean.Contains(pos) && (pos < first || (Counterpart(pos) >= first && !corrupt.Contains(Counterpart(pos))))),
        ];
        if (candidates.Length == 0) return null;
        // Before the first token that differs both runs are the same, and a patch shows nothing.
        var same = pair.Clean.Ids.Zip(pair.Corrupt.Ids).TakeWhile(ids => ids.First == ids.Second).Count();
        if (candidates.Any(pos => pos >= same)) candidates = [.. candidates.Where(pos => pos >= same)];
        var drawn = candidates[Draw("position", pair.Name!, candidates.Length)];
        var place = drawn < first ? drawn : drawn - pair.Clean.Length;
        return TokenRole.Aligned(ControlNames.RandomRole, (place, place));

        int Counterpart(int pos) => pos + pair.Corrupt.Length - pair.Clean.Length;
    }

    /// <summary>A prompt of another pair with other answers, which is neither of the pair's own.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="others">Every pair of the study.</param>
    /// <param name="side">Which of another pair's prompts gives its activations.</param>
    /// <param name="fits">Whether a prompt has the shape.</param>
    /// <returns>Null where there is none.</returns>
    public Prompt? Donor(PromptPair pair, IReadOnlyList<PromptPair> others, Func<PromptPair, Prompt> side, Func<Prompt, bool> fits)
    {
        // Tried in an order of the pair's own, so that a unit needn't look at all of them.
        var start = Draw("donor", pair.Name!, others.Count);
        return Enumerable.Range(0, others.Count).Select(step => others[(start + step) % others.Count])
            .Where(other => other.Name != pair.Name && AnswersDiffer(pair, other)).Select(side)
            .FirstOrDefault(prompt => !IsOwn(pair, prompt) && fits(prompt));
    }

    private static bool AnswersDiffer(PromptPair pair, PromptPair other) =>
        !other.CleanTargets.Any(target => pair.CleanTargets.Any(own => own.Id == target.Id)) && !other.CorruptTargets.Any(target => pair.CorruptTargets.Any(own => own.Id == target.Id));

    // Rows may share prompts: the run that is patched would get its own activations, and show that nothing changes.
    private static bool IsOwn(PromptPair pair, Prompt prompt) => prompt.Ids.SequenceEqual(pair.Clean.Ids) || prompt.Ids.SequenceEqual(pair.Corrupt.Ids);

    /// <summary>Some indices of a list, drawn without repetition.</summary>
    public IReadOnlyList<int> Sample(string what, int count, int of) =>
        [.. Enumerable.Range(0, of).OrderBy(at => SeededHash.Of(what, seed, at.ToString(CultureInfo.InvariantCulture))).ThenBy(at => at).Take(count)];

    /// <summary>A number below a bound.</summary>
    public int Draw(string what, string name, int below) => (int)(SeededHash.Of(what, seed, name) % (ulong)below);
}
