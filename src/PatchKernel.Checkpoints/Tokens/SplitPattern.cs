using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PatchKernel.Tokens;

/// <summary>A regular expression that sees whole characters where .NET's own sees UTF-16 units.</summary>
/// <remarks>
/// A character outside the basic plane is two units of category Cs to .NET's engine. So it matches on a shadow of the text, in which each
/// such character is one of the basic plane with the same general category, and maps the places back. That is exact for patterns that name
/// such characters by category only; others aren't translated.
/// </remarks>
internal sealed class SplitPattern
{
    private static readonly char[] LetterOfCategory = LettersByCategory();
    private const int LongestPattern = 10_000; // real ones have some hundreds of characters

    private readonly Regex _regex;
    private readonly bool _literal;

    /// <summary>Whether it may match nothing, between two letters; a regular expression is taken to.</summary>
    public bool MatchesNothing => !_literal;

    private SplitPattern(string pattern, bool literal)
    {
        if (pattern.Length > LongestPattern) throw new NotSupportedException($"more than {LongestPattern} characters");
        _regex = new Regex(pattern, RegexOptions.CultureInvariant, Patience.ForAMatch);
        _literal = literal;
    }

    /// <summary>How GPT-2 splits text into words.</summary>
    public static SplitPattern Gpt2 { get; } = FromRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    /// <summary>One number character: a digit of any script, a numeral such as Ⅷ, a fraction.</summary>
    public static SplitPattern Number { get; } = FromRegex(@"\p{N}");

    /// <summary>A pattern in Oniguruma's syntax.</summary>
    /// <exception cref="NotSupportedException">The pattern can't be matched exactly; the message quotes the part.</exception>
    public static SplitPattern FromRegex(string pattern)
    {
        try
        {
            return new(OnigurumaPattern.Translate(pattern), literal: false);
        }
        catch (RegexParseException error)
        {
            throw new NotSupportedException($"it isn't well formed ({error.Error} at {error.Offset})", error);
        }
    }

    /// <summary>A literal text; an empty one matches between letters, as in the reference implementation.</summary>
    /// <exception cref="NotSupportedException">It is longer than any real one.</exception>
    public static SplitPattern FromText(string text) => new(Regex.Escape(text), literal: text.Length > 0);

    /// <summary>Where the pattern matches, ascending, as offsets into the text. As in Oniguruma's bindings nothing is matched right behind a match.</summary>
    /// <exception cref="RegexMatchTimeoutException">It tries too many ways.</exception>
    public IEnumerable<(int Start, int End)> Matches(string text, Patience patience)
    {
        var (shadow, offsets) = _literal || !text.Any(char.IsSurrogate) ? (text, null) : Shadow(text);
        var last = -1;
        for (var match = _regex.Match(shadow); match.Success; match = match.NextMatch())
        {
            patience.Check();
            var end = match.Index + match.Length;
            if (match.Length == 0 && end == last) continue;
            last = end;
            yield return offsets is null ? (match.Index, end) : (offsets[match.Index], offsets[end]);
        }
    }

    /// <summary>The text with one letter a character, and each letter's offset in the text, the end included.</summary>
    private static (string Shadow, List<int> Offsets) Shadow(string text)
    {
        var shadow = new StringBuilder(text.Length);
        var offsets = new List<int>(text.Length + 1);
        var offset = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            offsets.Add(offset);
            shadow.Append(rune.IsBmp ? (char)rune.Value : LetterOfCategory[(int)Rune.GetUnicodeCategory(rune)]);
            offset += rune.Utf16SequenceLength;
        }
        offsets.Add(offset);
        return (shadow.ToString(), offsets);
    }

    private static char[] LettersByCategory()
    {
        var letters = new char[Enum.GetValues<UnicodeCategory>().Length];
        // Downwards, so that the lowest is kept; above the Kelvin sign, which folds to an ASCII letter.
        for (var c = char.MaxValue; c > '\u2C00'; c--) letters[(int)char.GetUnicodeCategory(c)] = c;
        return letters;
    }
}
