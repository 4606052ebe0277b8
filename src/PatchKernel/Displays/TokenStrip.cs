namespace PatchKernel;

/// <summary>Prompts as strips of tokens: ids on hover, spaces and line breaks visible, and what differs marked.</summary>
internal static class TokenStrip
{
    private const string Chip = "display:inline-block;margin:1px;padding:0 3px;border-radius:3px;white-space:pre;"
        + "font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:12px;";

    /// <summary>One prompt.</summary>
    public static string Of(Prompt prompt) =>
        Html.Frame(Html.Line(Count(prompt), Html.Quiet), Strip(prompt, [], ""));

    /// <summary>A pair.</summary>
    public static string Of(PromptPair pair) => Html.Frame(PairLines(pair));

    /// <summary>A pair and what was found in it.</summary>
    public static string Of(PairCheck check) => Html.Frame([.. PairLines(check.Pair), .. FindingLines(check)]);

    /// <summary>A prompt's tokens, for other displays.</summary>
    public static string Strip(Prompt prompt, IReadOnlyCollection<int> marked, string colour)
    {
        var tokens = Enumerable.Range(0, prompt.Length).Select(pos => Token(prompt, pos, marked.Contains(pos) ? colour : null));
        return $"<div>{string.Concat(tokens)}</div>";
    }

    private static IEnumerable<string> PairLines(PromptPair pair)
    {
        var (clean, corrupt) = TokenDifference.Of(pair).Marked();
        var count = pair.Clean.Length == pair.Corrupt.Length
            ? $"{pair.Clean.Length} tokens each, {pair.DifferingPositions.Count} differ"
            : $"{pair.Clean.Length} tokens clean, {pair.Corrupt.Length} corrupt";
        var name = pair.Name is { } given ? $"<b>{Html.Text(given)}</b> · " : "";
        yield return Html.Line(name + count);
        yield return Side("clean", pair.CleanTarget, Html.CleanColour) + Strip(pair.Clean, clean, Html.CleanColour);
        yield return Side("corrupt", pair.CorruptTarget, Html.CorruptColour) + Strip(pair.Corrupt, corrupt, Html.CorruptColour);
    }

    private static string Side(string name, Target target, string colour)
    {
        var text = Visible(target.Text ?? $"{target.Id}");
        return Html.Line(
            $"<b>{name}</b> → <span title=\"id {target.Id}\" style=\"{Chip}border-bottom:2px solid {colour}\">{text}</span>", "margin-top:4px");
    }

    private static IEnumerable<string> FindingLines(PairCheck check) => check.Findings.Count == 0
        ? [Html.Line("✓ nothing to complain about", "margin-top:4px")]
        : check.Findings.Select(finding => Html.Line(
            $"{(finding.Severity == Severity.Error ? "✗" : "⚠")} {Html.Text(finding.ToString())}", "margin-top:4px"));

    private static string Token(Prompt prompt, int pos, string? mark)
    {
        var title = Html.Text($"position {pos}, id {prompt.Ids[pos]}, {prompt.Label(pos)}");
        var text = Visible(prompt.Tokens?[pos] ?? $"{prompt.Ids[pos]}");
        return mark is null
            ? $"<span title=\"{title}\" style=\"{Chip}background:rgba(128,128,128,.14)\">{text}</span>"
            : $"<b title=\"{title}\" style=\"{Chip}background:{mark}\">{text}</b>";
    }

    private static string Count(Prompt prompt) => $"{prompt.Length} token{(prompt.Length == 1 ? "" : "s")}";

    // The quotes that labels have elsewhere would be noise between tokens; a leading space has to be seen without them.
    private static string Visible(string token) => Html.Text(Quoted.Text(token)[1..^1].Replace("\\\"", "\"").Replace(' ', '␣'));
}
