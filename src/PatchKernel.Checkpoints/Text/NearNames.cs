namespace PatchKernel.Text;

/// <summary>Finds what the user may have meant by a name that isn't known.</summary>
internal static class NearNames
{
    /// <summary>The known names nearest to a name, nearest first; empty where none is near.</summary>
    /// <param name="name">The name as the user wrote it.</param>
    /// <param name="known">The names that there are.</param>
    /// <param name="count">At most so many.</param>
    /// <remarks>Near: at most half of the letters change (Levenshtein 1966), upper and lower case being the same.</remarks>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known, int count = 3)
    {
        var limit = name.Length / 2;
        var lower = name.ToLowerInvariant();
        return [.. known
            .Where(candidate => Math.Abs(candidate.Length - name.Length) <= limit)
            .Select(candidate => (Name: candidate, Distance: Distance(lower, candidate.ToLowerInvariant())))
            .Where(candidate => candidate.Distance <= limit)
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => Distance(name, candidate.Name))
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Select(candidate => candidate.Name)
            .Distinct()
            .Take(count)];
    }

    /// <summary>Fewest letters to insert, delete or replace that turn one text into the other.</summary>
    private static int Distance(string from, string to)
    {
        var previous = new int[to.Length + 1];
        var current = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++) previous[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, 1 + Math.Min(previous[j], current[j - 1]));
            }
            (previous, current) = (current, previous);
        }
        return previous[to.Length];
    }
}
