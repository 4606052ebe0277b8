namespace PatchKernel.Tables;

/// <summary>Pairs that are averaged together.</summary>
/// <param name="By">The column by which they are grouped; null for all pairs.</param>
/// <param name="Name">What they have in it.</param>
/// <param name="Pairs">Their numbers.</param>
internal sealed record SummaryGroup(string? By, string? Name, IReadOnlyList<int> Pairs)
{
    /// <summary>How many values a column may have, so that it groups the pairs.</summary>
    public const int MostValues = 20;

    /// <summary>All pairs, and groups by each column that has a few values and fewer than pairs.</summary>
    public static IEnumerable<SummaryGroup> Of(IReadOnlyList<string> pairs, IReadOnlyList<PairRow> rows)
    {
        yield return new(null, null, [.. Enumerable.Range(0, pairs.Count)]);
        var further = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var row in rows) further.TryAdd(row.Pair, row.Columns);
        int[] known = [.. Enumerable.Range(0, pairs.Count).Where(pair => further.ContainsKey(pairs[pair]))];
        foreach (var column in rows.SelectMany(row => row.Columns.Keys).Distinct())
        {
            var groups = known.GroupBy(pair => further[pairs[pair]].GetValueOrDefault(column, "")).ToList();
            if (groups.Count is < 2 or > MostValues || groups.Count >= known.Length) continue;
            foreach (var group in groups) yield return new(column, group.Key, [.. group]);
        }
    }
}
