using System.Globalization;
using System.Text;
using PatchKernel.Text;

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
/// <param name="Piece">The text.</param>
/// <param name="Id">The added token's id, or null for ordinary text.</param>
internal readonly record struct TextPart(Piece Piece, int? Id);

/// <summary>Finds the added tokens in a text, from left to right, the longest at each place.</summary>
/// <remarks>Those that aren't normalized are found in the text as it is, the others, as a normalizer writes them, in what it makes of the rest.</remarks>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, AddedToken> _plain = [], _normalized = [];
    private readonly Dictionary<int, string> _forms = [];
    private readonly TextFinder _first;
    private readonly TextFinder _second;

    /// <param name="file">Names the tokenizer's file in errors.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="normalize">What the normalizer makes of a text.</param>
    /// <exception cref="PatchKernelException">It makes the same of two tokens.</exception>
    public AddedTokens(string file, IReadOnlyCollection<AddedToken> tokens, Func<string, string> normalize)
    {
        foreach (var token in tokens)
        {
            if (!token.Normalized)
            {
                _plain.Add(token.Content, token);
                continue;
            }
            var form = normalize(token.Content);
            if (form != token.Content) _forms.Add(token.Id, form);
            if (form.Length > 0 && !_normalized.TryAdd(form, token))
                throw TokenizerContent.Unusable(file, $"its normalizer makes the same text of two added tokens, {Quoted.Text(Excerpt.Text(_normalized[form].Content))} and {Quoted.Text(Excerpt.Text(token.Content))}");
        }
        _first = new(_plain.Keys);
        _second = new(_normalized.Keys);
    }

    /// <summary>The text that a decoder gets for a token: as the normalizer writes it; null where that is the token itself.</summary>
    public string? FormOf(int id) => _forms.GetValueOrDefault(id);

    /// <summary>Splits a text at the tokens that aren't normalized; no part is empty.</summary>
    public IEnumerable<TextPart> Split(string text) => Split(new(text, IsFirst: true), _first, _plain);

    /// <summary>Splits what the normalizer made of a part at the others.</summary>
    public IEnumerable<TextPart> SplitNormalized(Piece piece) => Split(piece, _second, _normalized);

    private static List<TextPart> Split(Piece piece, TextFinder anyOf, Dictionary<string, AddedToken> tokens)
    {
        var parts = new List<TextPart>();
        var (text, done) = (piece.Text, 0);
        foreach (var (found, content) in anyOf.Find(text))
        {
            var (start, end) = (found, found + content.Length);
            var token = tokens[content];
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end)))) continue;
            // White space that the token before has taken stays with that one.
            if (token.StripLeft) start = Math.Max(done, text.AsSpan(0, start).TrimEnd().Length);
            if (token.StripRight) end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (start > done) parts.Add(new(piece.Part(done, start), null));
            parts.Add(new(piece.Part(start, end), token.Id));
            done = end;
        }
        if (done < text.Length) parts.Add(new(piece.Part(done, text.Length), null));
        return parts;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    /// <summary>\w as Unicode's UTS 18 has it: letters, marks, decimal digits, connectors, joiners and the circled letters.</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}
