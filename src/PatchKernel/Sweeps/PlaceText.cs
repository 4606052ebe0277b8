using System.Globalization;
using PatchKernel.Text;

namespace PatchKernel.Sweeps;

/// <summary>Where a role is, in words.</summary>
internal static class PlaceText
{
    private const int Longest = 60;

    /// <summary>The role, its clean tokens and, where they differ, its corrupt ones.</summary>
    public static string Named(PromptPair pair, RolePlace place) => $"{place.Role} {Both(Tokens(pair.Clean, place.Clean), Tokens(pair.Corrupt, place.Corrupt))}";

    /// <summary>The same with the positions.</summary>
    public static string Placed(PromptPair pair, RolePlace place) =>
        $"{Named(pair, place)}, {(place.Clean.Count == 1 && place.Corrupt.Count == 1 ? "position" : "positions")} {Both(Positions(place.Clean), Positions(place.Corrupt))}";

    /// <summary>The text of some tokens in quotes, or their ids; where others stand between, there are dots.</summary>
    public static string Tokens(Prompt prompt, IReadOnlyList<int> positions) => string.Join(" … ", Stretches(positions).Select(stretch =>
    {
        var at = Enumerable.Range(stretch.First, stretch.Last - stretch.First + 1);
        if (prompt.Tokens is null) return string.Join(' ', at.Select(prompt.Label));
        var text = new StringInfo(string.Concat(at.Select(pos => prompt.Tokens[pos])));
        return Quoted.Text(text.LengthInTextElements <= Longest ? text.String : $"{text.SubstringByTextElements(0, Longest - 1)}…");
    }));

    private static string Positions(IReadOnlyList<int> positions) =>
        string.Join(", ", Stretches(positions).Select(stretch => new TokenSpan(stretch.First, stretch.Last + 1)));

    private static List<(int First, int Last)> Stretches(IReadOnlyList<int> positions)
    {
        var stretches = new List<(int First, int Last)>();
        foreach (var pos in positions)
            if (stretches is [.., var open] && open.Last == pos - 1) stretches[^1] = (open.First, pos);
            else stretches.Add((pos, pos));
        return stretches;
    }

    private static string Both(string clean, string corrupt) => clean == corrupt ? clean : $"{clean} (corrupt: {corrupt})";
}
