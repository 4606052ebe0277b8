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
        var drawn = candidates[Draw("position", pair.Name!, candidates.Length)];
        var place = drawn < first ? drawn : drawn - pair.Clean.Length;
        return TokenRole.Aligned(ControlNames.RandomRole, (place, place));

        int Counterpart(int pos) => pos + pair.Corrupt.Length - pair.Clean.Length;
    }

    /// <summary>Another pair of the same shape whose answer is another one.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="others">Every pair of the study.</param>
    /// <param name="fits">Whether another pair's prompts have the shape.</param>
    /// <returns>Null where there is none.</returns>
    public PromptPair? Donor(PromptPair pair, IReadOnlyList<PromptPair> others, Func<PromptPair, bool> fits)
    {
        // Tried in an order of the pair's own, so that a unit needn't look at all of them.
        var start = Draw("donor", pair.Name!, others.Count);
        return Enumerable.Range(0, others.Count).Select(step => others[(start + step) % others.Count]).FirstOrDefault(other =>
            other.Name != pair.Name && other.CleanTarget.Id != pair.CleanTarget.Id && other.CorruptTarget.Id != pair.CorruptTarget.Id && fits(other));
    }

    /// <summary>Some indices of a list, drawn without repetition.</summary>
    public IReadOnlyList<int> Sample(string what, int count, int of) =>
        [.. Enumerable.Range(0, of).OrderBy(at => SeededHash.Of(what, seed, at.ToString(CultureInfo.InvariantCulture))).ThenBy(at => at).Take(count)];

    /// <summary>A number below a bound.</summary>
    public int Draw(string what, string name, int below) => (int)(SeededHash.Of(what, seed, name) % (ulong)below);
}
