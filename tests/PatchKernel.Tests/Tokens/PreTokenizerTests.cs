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
        Assert.Equal(pieces.Split('|'), new PreTokenizer(SplitPattern.FromText("-"), behaviour).Split("The-final--countdown"));

    [Theory]
    [InlineData(SplitBehaviour.Isolated, "How| |are| |you|?")]
    [InlineData(SplitBehaviour.Removed, "How|are|you|?")]
    [InlineData(SplitBehaviour.Contiguous, "How| |are| |you?")]
    [InlineData(SplitBehaviour.MergedWithPrevious, "How |are |you|?")]
    [InlineData(SplitBehaviour.MergedWithNext, "How| are| you|?")]
    internal void Inverted_what_lies_between_counts_as_the_match(SplitBehaviour behaviour, string pieces) =>
        Assert.Equal(pieces.Split('|'), new PreTokenizer(SplitPattern.FromRegex(@"\p{L}+|[^\p{L}\s]+"), behaviour, Invert: true).Split("How are you?"));

    [Theory]
    [InlineData(SplitBehaviour.Isolated, "Hey |1|2|3| ½|", "Hey |1|2|3| |½")]
    [InlineData(SplitBehaviour.Contiguous, "Hey |123| ", "Hey |123| |½")]
    internal void Numbers_of_any_kind_are_digits(SplitBehaviour behaviour, string start, string pieces)
    {
        Assert.StartsWith(start[..6], pieces, StringComparison.Ordinal);
        Assert.Equal(pieces.Split('|'), new PreTokenizer(SplitPattern.Number, behaviour).Split("Hey 123 ½"));
    }

    [Theory]
    [InlineData("𝕳𝖊 𝖑𝖑𝖔!", "𝕳𝖊| 𝖑𝖑𝖔|!")] // letters
    [InlineData("a𝟙𝟚𝟛𝟜", "a|𝟙𝟚𝟛|𝟜")] // digits
    [InlineData("𐅀𐄇x", "𐅀𐄇|x")] // numerals: Nl and No
    [InlineData(" 🙂🙂 a", " 🙂🙂| a")] // symbols
    [InlineData("a\U0001E000b", "a|\U0001E000b")] // a mark is no letter
    [InlineData("\U000E0001a", "\U000E0001a")] // a format character may precede a word
    public void Characters_outside_the_basic_plane_count_as_what_they_are(string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), new PreTokenizer(SplitPattern.FromRegex(Llama3)).Split(text));

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
        Assert.Equal(pieces.Split('|'), new PreTokenizer(SplitPattern.FromRegex(Llama3)).Split(text));

    [Theory]
    [InlineData(@"\w+", @"'\w'")]
    [InlineData(@"\p{Han}+", @"'\p{Han}'")]
    [InlineData(@"\p{^L}", @"'\p{^L}'")]
    [InlineData(@"a++", "'++'")]
    [InlineData(@"a?+b", "'?+'")]
    [InlineData(@"a{2}+", "'{'")]
    [InlineData(@"a{,2}", "'{'")]
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
    [InlineData(@"(?i:'[sd]|'re)|\.{2,}|a{3}?", "'[sSſdD]")]
    [InlineData(@"(?i:k(?:l|m))", "[kK\u212A]")]
    [InlineData(@"[^\r\n\p{L}]?(?=x)(?<!y)(?>z)*?", @"[^\r\n\p{L}]?(?=x)(?<!y)(?>z)*?")]
    public void What_both_read_alike_is_translated(string pattern, string contained)
    {
        if (pattern.Contains("}?", StringComparison.Ordinal))
            Assert.Throws<NotSupportedException>(() => OnigurumaPattern.Translate(pattern));
        else
            Assert.Contains(contained, OnigurumaPattern.Translate(pattern), StringComparison.Ordinal);
    }
}
