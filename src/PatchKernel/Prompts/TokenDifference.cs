using PatchKernel.Text;

namespace PatchKernel.Prompts;

/// <summary>Where two tokenizations differ: everything between their common start and their common end.</summary>
internal sealed class TokenDifference
{
    private readonly IReadOnlyList<int> differing;
    private readonly Prompt clean, corrupt;
    private readonly int start, cleanEnd, corruptEnd;

    public TokenDifference(PromptPair pair)
    {
        (clean, corrupt, differing) = (pair.Clean, pair.Corrupt, pair.DifferingPositions);
        var shorter = Math.Min(clean.Length, corrupt.Length);
        start = differing.Count > 0 ? differing[0] : shorter;
        var common = clean.Ids.Reverse().Zip(corrupt.Ids.Reverse()).Take(shorter - start).TakeWhile(ids => ids.First == ids.Second).Count();
        (cleanEnd, corruptEnd) = (clean.Length - common, corrupt.Length - common);
    }

    /// <summary>The sentence for prompts of unequal length, with both tokenizations in it.</summary>
    public string UnequalLength() =>
        $"The clean prompt has {clean.Length} tokens and the corrupt one {corrupt.Length}: from position {start} on, "
        + $"clean has {Listed(clean, cleanEnd)} where corrupt has {Listed(corrupt, corruptEnd)}; choose subjects of equally many tokens, or {ByRole}.";

    /// <summary>The positions of each prompt whose token the other hasn't.</summary>
    public (IReadOnlyCollection<int> Clean, IReadOnlyCollection<int> Corrupt) Marked() => clean.Length == corrupt.Length
        ? (differing, differing)
        : ([.. Enumerable.Range(start, cleanEnd - start)], [.. Enumerable.Range(start, corruptEnd - start)]);

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

    // By a span that both have, or what else there is.
    private string ByRole
    {
        get
        {
            const string how = "SweepOptions.Roles in C#, --positions on the command line";
            return clean.Spans.Keys.FirstOrDefault(corrupt.Spans.ContainsKey) is { } span ? $"patch by role, such as {span}.last: {how}"
                : clean.Text is null || corrupt.Text is null ? $"patch by role, such as last or 3:4: {how}"
                : "name their words and patch by role: WithSpan and SweepOptions.Roles in C#, --span and --positions on the command line";
        }
    }

    private static string Token(Prompt prompt, int pos, int end) =>
        pos >= end ? "" : prompt.Tokens is null ? $"{prompt.Ids[pos]}" : $"{prompt.Ids[pos]} {prompt.Label(pos)}";

    private string Listed(Prompt prompt, int end) =>
        end <= start ? "nothing" : string.Join(" ", Enumerable.Range(start, end - start).Select(prompt.Label));
}
