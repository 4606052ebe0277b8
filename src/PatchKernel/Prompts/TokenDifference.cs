namespace PatchKernel;

/// <summary>Where two tokenizations differ: what is left when their common start and end are set aside.</summary>
internal sealed class TokenDifference
{
    private readonly Prompt clean;
    private readonly Prompt corrupt;
    private readonly int start;
    private readonly int cleanEnd;
    private readonly int corruptEnd;

    private TokenDifference(Prompt clean, Prompt corrupt)
    {
        (this.clean, this.corrupt) = (clean, corrupt);
        var shorter = Math.Min(clean.Length, corrupt.Length);
        while (start < shorter && clean.Ids[start] == corrupt.Ids[start]) start++;
        var common = 0;
        while (common < shorter - start && clean.Ids[^(common + 1)] == corrupt.Ids[^(common + 1)]) common++;
        (cleanEnd, corruptEnd) = (clean.Length - common, corrupt.Length - common);
    }

    public static TokenDifference Of(PromptPair pair) => new(pair.Clean, pair.Corrupt);

    /// <summary>The sentence for prompts of unequal length, with both tokenizations in it.</summary>
    public string UnequalLength() =>
        $"The clean prompt has {clean.Length} tokens and the corrupt one {corrupt.Length}: from position {start} on, "
        + $"clean has {Listed(clean, cleanEnd)} where corrupt has {Listed(corrupt, corruptEnd)}; choose subjects of equally many tokens.";

    /// <summary>The positions of each prompt that have no like in the other.</summary>
    public (IReadOnlyCollection<int> Clean, IReadOnlyCollection<int> Corrupt) Marked()
    {
        if (clean.Length != corrupt.Length)
            return ([.. Enumerable.Range(start, cleanEnd - start)], [.. Enumerable.Range(start, corruptEnd - start)]);
        int[] differing = [.. Enumerable.Range(0, clean.Length).Where(pos => clean.Ids[pos] != corrupt.Ids[pos])];
        return (differing, differing);
    }

    /// <summary>A table of the positions at which the two differ, both side by side.</summary>
    public IEnumerable<string> Lines()
    {
        yield return clean.Length == corrupt.Length
            ? $"{clean.Length} tokens each"
            : $"{clean.Length} tokens clean, {corrupt.Length} corrupt";
        var rows = Rows().ToList();
        if (rows.Count == 0) yield break;
        var table = rows.Prepend(Header).ToList();
        var widths = Enumerable.Range(0, Header.Length).Select(column => table.Max(row => row[column].Length)).ToArray();
        foreach (var row in table)
            yield return $"  {row[0].PadLeft(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadRight(widths[2])}".TrimEnd();
    }

    private static readonly string[] Header = ["pos", "clean", "corrupt"];

    private IEnumerable<string[]> Rows()
    {
        for (var pos = start; pos < Math.Max(cleanEnd, corruptEnd); pos++)
        {
            var (left, right) = (Cell(clean, pos, cleanEnd), Cell(corrupt, pos, corruptEnd));
            if (left != right) yield return [$"{pos}", left, right];
        }
    }

    private static string Cell(Prompt prompt, int pos, int end) =>
        pos >= end ? "" : prompt.Tokens is null ? $"{prompt.Ids[pos]}" : $"{prompt.Ids[pos]} {prompt.Label(pos)}";

    private string Listed(Prompt prompt, int end) =>
        end <= start ? "nothing" : string.Join(" ", Enumerable.Range(start, end - start).Select(prompt.Label));
}
