using System.Globalization;
using System.Text;

namespace PatchKernel.Tokens;

/// <summary>A token that is looked for in the text before anything else, such as <c>&lt;|begin_of_text|&gt;</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The text that it is found by.</param>
/// <param name="SingleWord">It isn't found inside a word.</param>
/// <param name="StripLeft">It takes the white space before it.</param>
/// <param name="StripRight">It takes the white space after it.</param>
/// <param name="Normalized">It is looked for in what the others leave over.</param>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized);

/// <summary>A part of a text: an added token, or the text between two.</summary>
/// <param name="Text">The text.</param>
/// <param name="Id">The added token's id, or null for ordinary text.</param>
internal readonly record struct TextPart(string Text, int? Id);

/// <summary>Finds the added tokens in a text, from left to right, the longest at each place.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, AddedToken> _byContent;
    private readonly TextFinder _first;
    private readonly TextFinder _second;

    public AddedTokens(IReadOnlyCollection<AddedToken> tokens)
    {
        _byContent = tokens.ToDictionary(token => token.Content);
        _first = new(tokens.Where(token => !token.Normalized).Select(token => token.Content));
        _second = new(tokens.Where(token => token.Normalized).Select(token => token.Content));
    }

    /// <summary>Splits the text at its added tokens; no part is empty.</summary>
    public IEnumerable<TextPart> Split(string text) =>
        Split(text, _first).SelectMany(part => part.Id is null ? Split(part.Text, _second) : [part]);

    private List<TextPart> Split(string text, TextFinder anyOf)
    {
        var parts = new List<TextPart>();
        var done = 0;
        foreach (var (found, content) in anyOf.Find(text))
        {
            var (start, end) = (found, found + content.Length);
            var token = _byContent[content];
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end)))) continue;
            // White space that the token before has taken stays with that one.
            if (token.StripLeft) start = Math.Max(done, text.AsSpan(0, start).TrimEnd().Length);
            if (token.StripRight) end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (start > done) parts.Add(new(text[done..start], null));
            parts.Add(new(text[start..end], token.Id));
            done = end;
        }
        if (done < text.Length) parts.Add(new(text[done..], null));
        return parts;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    /// <summary>\w as Unicode's UTS 18 has it: letters, marks, decimal digits, connectors, joiners and the circled letters.</summary>
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}
