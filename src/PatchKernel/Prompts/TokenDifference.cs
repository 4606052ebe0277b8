using PatchKernel.Text;

namespace PatchKernel.Prompts;

/// <summary>Where two tokenizations differ: everything between their common start and their common end.</summary>
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

    /// <summary>The positions of each prompt whose token the other hasn't.</summary>
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
        var rows = Differences().ToList();
        if (rows.Count == 0) yield break;
        foreach (var line in TextTable.Lines([["pos", "clean", "corrupt"], .. rows], figures: [0])) yield return $"  {line}";
    }

    private IEnumerable<string[]> Differences()
    {
        for (var pos = start; pos < Math.Max(cleanEnd, corruptEnd); pos++)
        {
            var (left, right) = (Token(clean, pos, cleanEnd), Token(corrupt, pos, corruptEnd));
            if (left != right) yield return [$"{pos}", left, right];
        }
    }

    private static string Token(Prompt prompt, int pos, int end) =>
        pos >= end ? "" : prompt.Tokens is null ? $"{prompt.Ids[pos]}" : $"{prompt.Ids[pos]} {prompt.Label(pos)}";

    private string Listed(Prompt prompt, int end) =>
        end <= start ? "nothing" : string.Join(" ", Enumerable.Range(start, end - start).Select(prompt.Label));
}
