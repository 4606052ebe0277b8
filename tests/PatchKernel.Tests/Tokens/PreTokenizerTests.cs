using System.Globalization;
using System.Text;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

public sealed class PreTokenizerTests
{
    private const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData(SplitBehaviour.Isolated, "The|-|final|-|-|countdown")]
    [InlineData(SplitBehaviour.Removed, "The|final|countdown")]
    [InlineData(SplitBehaviour.Contiguous, "The|-|final|--|countdown")]
    [InlineData(SplitBehaviour.MergedWithPrevious, "The-|final-|-|countdown")]
    [InlineData(SplitBehaviour.MergedWithNext, "The|-final|-|-countdown")]
    internal void Matches_become_pieces_as_in_the_reference_implementation(SplitBehaviour behaviour, string pieces) =>
        Assert.Equal(pieces.Split('|'), Split(PreTokenizer.At(SplitPattern.FromText("-"), behaviour), "The-final--countdown"));

    [Theory]
    [InlineData(SplitBehaviour.Isolated, "How| |are| |you|?")]
    [InlineData(SplitBehaviour.Removed, "How|are|you|?")]
    [InlineData(SplitBehaviour.Contiguous, "How| |are| |you?")]
    [InlineData(SplitBehaviour.MergedWithPrevious, "How |are |you|?")]
    [InlineData(SplitBehaviour.MergedWithNext, "How| are| you|?")]
    internal void Inverted_what_lies_between_counts_as_the_match(SplitBehaviour behaviour, string pieces) =>
        Assert.Equal(
            pieces.Split('|'),
            Split(PreTokenizer.At(SplitPattern.FromRegex(@"\p{L}+|[^\p{L}\s]+"), behaviour, invert: true), "How are you?"));

    [Theory]
    [InlineData(SplitBehaviour.Isolated, "Hey |1|2|3| |½|Ⅷ|𝟙|x")]
    [InlineData(SplitBehaviour.Contiguous, "Hey |123| |½Ⅷ𝟙|x")]
    internal void Numbers_of_any_kind_are_digits(SplitBehaviour behaviour, string pieces) =>
        Assert.Equal(pieces.Split('|'), Split(PreTokenizer.At(SplitPattern.Number, behaviour), "Hey 123 ½Ⅷ𝟙x"));

    [Theory]
    [InlineData("𝕳𝖊 𝖑𝖑𝖔!", "𝕳𝖊| 𝖑𝖑𝖔|!")] // letters
    [InlineData("a𝟙𝟚𝟛𝟜", "a|𝟙𝟚𝟛|𝟜")] // digits
    [InlineData("𐅀𐄇x", "𐅀𐄇|x")] // numerals: Nl and No
    [InlineData(" 🙂🙂 a", " 🙂🙂| a")] // symbols
    [InlineData("a\U0001E000b", "a|\U0001E000b")] // a mark is no letter
    [InlineData("\U000E0001a", "\U000E0001a")] // a format character may precede a word
    public void Characters_outside_the_basic_plane_count_as_what_they_are(string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), Split(PreTokenizer.At(SplitPattern.FromRegex(Llama3)), text));

    [Theory]
    [InlineData("it'S", "it|'S")]
    [InlineData("it'ſ", "it|'ſ")]
    [InlineData("it'ß", "it|'ß")]
    [InlineData("we'LLx", "we|'LL|x")]
    [InlineData("a\u00A0\u2003b", "a|\u00A0|\u2003b")]
    [InlineData("a\u180Eb", "a|\u180Eb")] // no white space since Unicode 6.3
    [InlineData("a\u001Cb", "a|\u001Cb")]
    [InlineData("a \u0085", "a| \u0085")]
    public void Case_and_white_space_are_Unicodes(string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), Split(PreTokenizer.At(SplitPattern.FromRegex(Llama3)), text));

    [Theory]
    [InlineData(@"\w+", @"'\w'")]
    [InlineData(@"\p{Han}+", @"'\p{Han}'")]
    [InlineData(@"\p{^L}", @"'\p{^L}'")]
    [InlineData(@"a++", "'++'")]
    [InlineData(@"a?+b", "'?+'")]
    [InlineData(@"a{2}+", "'{'")]
    [InlineData(@"a{,2}", "'{'")]
    [InlineData(@"a{3}?", "'{'")]
    [InlineData(@"\s+$", "'$'")]
    [InlineData(@"^a", "'^'")]
    [InlineData(@"[a[b]]", "'[a['")]
    [InlineData(@"[a&&b]", "'[a&&'")]
    [InlineData(@"[]a]", "'[]'")]
    [InlineData(@"[一-龥]", "'一'")]
    [InlineData(@"(?m)a", "'('")]
    [InlineData(@"(?i:\p{Lu})", @"'\p{Lu}'")]
    [InlineData(@"(?i:[a-z])", "'[a-'")]
    [InlineData(@"(?i:first)", "'fi'")]
    [InlineData(@"(a", "a group that isn't closed")]
    [InlineData(@"a)", "')'")]
    [InlineData(@"[a", "a class that isn't closed")]
    [InlineData(@"*a", "it isn't well formed (QuantifierAfterNothing at 1)")]
    [InlineData("a\\", @"'\'")]
    public void What_NET_reads_differently_is_refused(string pattern, string part) =>
        Assert.Equal(part, Assert.Throws<NotSupportedException>(() => SplitPattern.FromRegex(pattern)).Message);

    [Theory]
    [InlineData(@"(?i:'[sd]|'r)|\.{2,}x", "(?:'[sSſdD]|'[rR])|\\.{2,}x")]
    [InlineData(@"(?i:k(?:l|m))", "(?:[kK\u212A](?:[lL]|[mM]))")]
    [InlineData(@"[^\r\n\p{L}]?(?=x)(?<!y)(?>z)*?", @"[^\r\n\p{L}]?(?=x)(?<!y)(?>z)*?")]
    public void What_both_read_alike_is_translated(string pattern, string translated) =>
        Assert.Equal(translated, OnigurumaPattern.Translate(pattern));

    [Fact]
    public void Every_character_outside_the_basic_plane_keeps_its_category()
    {
        var byCategory = Enumerable.Range(0x10000, 0x100000).Select(value => new Rune(value)).GroupBy(Rune.GetUnicodeCategory);
        foreach (var runes in byCategory)
        {
            var text = string.Concat(runes);
            var match = Assert.Single(SplitPattern.FromRegex($@"\p{{{Abbreviation(runes.Key)}}}+").Matches(text, new(text.Length)));
            Assert.Equal((0, text.Length), match);
        }
    }

    private static IEnumerable<string> Split(PreTokenizer step, string text) => step.Split(new(text, IsFirst: true), new(text.Length)).Select(piece => piece.Text);

    private static string Abbreviation(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo",
        UnicodeCategory.NonSpacingMark => "Mn",
        UnicodeCategory.SpacingCombiningMark => "Mc",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.LetterNumber => "Nl",
        UnicodeCategory.OtherNumber => "No",
        UnicodeCategory.DashPunctuation => "Pd",
        UnicodeCategory.OtherPunctuation => "Po",
        UnicodeCategory.MathSymbol => "Sm",
        UnicodeCategory.CurrencySymbol => "Sc",
        UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So",
        UnicodeCategory.Format => "Cf",
        UnicodeCategory.PrivateUse => "Co",
        UnicodeCategory.OtherNotAssigned => "Cn",
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "not seen outside the basic plane so far"),
    };
}
