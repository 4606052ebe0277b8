using System.Text;
using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>Replaces what a pattern matches by a text, in texts and in tokens.</summary>
/// <param name="Pattern">What is replaced.</param>
/// <param name="Content">What stands there afterwards, letter for letter.</param>
internal sealed record Replacement(SplitPattern Pattern, string Content)
{
    private const int LongestContent = 100;

    /// <summary>How many times as long a text may become: an empty match leaves everything, and takes the content in besides.</summary>
    public int Growth => Pattern.MatchesNothing ? Content.Length + 1 : Math.Max(1, Content.Length);

    /// <summary>Reads a part's pattern and content.</summary>
    public static Replacement Read(JsonPart part)
    {
        var content = part.Require("content");
        return content.Text().Length <= LongestContent
            ? new(TokenizerParts.Pattern(part.Require("pattern")), content.Text())
            : throw content.Error($"{content.Path} has more than {LongestContent} letters");
    }

    /// <summary>The text with all matches replaced.</summary>
    public string In(string text, Patience patience) => In(text, patience, out _);

    /// <summary>The text with all matches replaced.</summary>
    /// <param name="text">The text.</param>
    /// <param name="patience">The time that there is for it.</param>
    /// <param name="beginsLater">Whether the beginning of the text is gone.</param>
    public string In(string text, Patience patience, out bool beginsLater)
    {
        beginsLater = false;
        if (text.Length == 0) return text; // nothing matches there, not even nothing
        StringBuilder? changed = null;
        var done = 0;
        foreach (var (start, end) in Pattern.Matches(text, patience))
        {
            if (start == 0 && end > 0) beginsLater = Content.Length == 0;
            (changed ??= new(text.Length)).Append(text, done, start - done).Append(Content);
            done = end;
        }
        return changed?.Append(text, done, text.Length - done).ToString() ?? text;
    }
}
