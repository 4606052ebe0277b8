using PatchKernel.Prompts;
using PatchKernel.Text;

namespace PatchKernel.Displays;

/// <summary>Prompts as strips of tokens: ids on hover, spaces and line breaks visible, and what differs marked.</summary>
internal static class TokenStrip
{
    private const string Chip = "display:inline-block;margin:1px;padding:0 3px;border-radius:3px;white-space:pre;"
        + "font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:12px;";

    /// <summary>A prompt's tokens.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="marked">Positions to mark; null for none.</param>
    /// <param name="colour">The colour that marks them.</param>
    public static string Of(Prompt prompt, IReadOnlyCollection<int>? marked = null, string colour = "") =>
        $"<div>{string.Concat(Enumerable.Range(0, prompt.Length).Select(pos => Token(prompt, pos, marked?.Contains(pos) == true ? colour : null)))}</div>";

    /// <summary>Both prompts of a pair, and their answers.</summary>
    public static string Of(PromptPair pair)
    {
        var (clean, corrupt) = new TokenDifference(pair).Marked();
        var count = pair.Clean.Length == pair.Corrupt.Length
            ? $"{pair.Clean.Length} tokens each, {pair.DifferingPositions.Count} differ"
            : $"{pair.Clean.Length} tokens clean, {pair.Corrupt.Length} corrupt";
        var name = pair.Name is { } given ? $"<b>{Html.Text(given)}</b> · " : "";
        return Html.Line(name + count)
            + Side("clean", pair.CleanTargets, Html.CleanColour) + Of(pair.Clean, clean, Html.CleanColour)
            + Side("corrupt", pair.CorruptTargets, Html.CorruptColour) + Of(pair.Corrupt, corrupt, Html.CorruptColour)
            + Spans(pair.Clean, pair.Corrupt);
    }

    /// <summary>What underlined tokens are; nothing where no span has a name.</summary>
    public static string Spans(params IEnumerable<Prompt> prompts)
    {
        string[] names = [.. prompts.SelectMany(prompt => prompt.Spans.Keys).Distinct()];
        return names.Length == 0 ? "" : Html.Line(Html.Text($"underlined: {string.Join(", ", names)}"), $"margin-top:4px;{Html.Quiet}");
    }

    private static string Side(string name, IReadOnlyList<Target> targets, string colour)
    {
        var answers = targets.Select(target =>
            $"<span title=\"id {target.Id}\" style=\"{Chip}border-bottom:2px solid {colour}\">{Visible(target.Text ?? $"{target.Id}")}</span>");
        return Html.Line($"<b>{name}</b> → {string.Join(" ", answers)}", "margin-top:4px");
    }

    private static string Token(Prompt prompt, int pos, string? mark)
    {
        string[] spans = [.. prompt.Spans.Where(span => pos >= span.Value.Start && pos < span.Value.End).Select(span => $", {span.Key}")];
        var title = Html.Text($"position {pos}, id {prompt.Ids[pos]}, {prompt.Label(pos)}{string.Concat(spans)}");
        var line = spans.Length > 0 ? ";border-bottom:1px solid" : "";
        var text = Visible(prompt.Tokens?[pos] ?? $"{prompt.Ids[pos]}");
        return mark is null
            ? $"<span title=\"{title}\" style=\"{Chip}background:rgba(128,128,128,.14){line}\">{text}</span>"
            : $"<b title=\"{title}\" style=\"{Chip}background:{mark}{line}\">{text}</b>";
    }

    // The quotes that labels have elsewhere would be noise between tokens; a leading space has to be seen without them.
    private static string Visible(string token) => Html.Text(Quoted.Text(token)[1..^1].Replace("\\\"", "\"").Replace(' ', '␣'));
}
