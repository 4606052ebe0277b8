using PatchKernel.Tokens;

namespace PatchKernel.Tests;

/// <summary>Cases and expectations follow the reference implementation's own tests of its added vocabulary.</summary>
public sealed class AddedTokensTests
{
    [Fact]
    public void Tokens_are_found_inside_text_and_keep_the_text_between() => Assert.Equal(
        ["<2>[CLS]", " My ", "<1>name", " is Anthony ", "<3>[SEP]"],
        Split("[CLS] My name is Anthony [SEP]", Token(0, "my"), Token(1, "name"), Token(2, "[CLS]"), Token(3, "[SEP]")));

    [Fact]
    public void A_single_word_is_not_found_beside_letters_or_marks() => Assert.Equal(
        ["<0><mask>", " my ", "<0><mask>", " a<mask> <mask>ony ", "<0><mask>", "- ◌\u0330<mask>", "𝒜<mask>"],
        Split("<mask> my <mask> a<mask> <mask>ony <mask>- ◌\u0330<mask>", Token(0, "<mask>") with { SingleWord = true })
            .Concat(Split("𝒜<mask>", Token(0, "<mask>") with { SingleWord = true })));

    [Fact]
    public void White_space_goes_to_the_token_that_strips_it_and_only_once() => Assert.Equal(
        ["hi", "<0> <mask> ", "there", "<0>\t<mask>\t", "<0><mask>\u2000 ", "<1><pad>", "<0> <mask>", "<1><pad>"],
        Split("hi <mask> there\t<mask>\t<mask>\u2000 <pad> <mask><pad>",
            Token(0, "<mask>") with { StripLeft = true, StripRight = true, SingleWord = true }, Token(1, "<pad>")));

    [Fact]
    public void The_longest_of_the_leftmost_is_taken() => Assert.Equal(
        ["<1>abc", "<0>ab", "d", "<2>bc"], Split("abcabdbc", Token(0, "ab"), Token(1, "abc"), Token(2, "bc")));

    [Fact]
    public void Normalized_tokens_are_looked_for_in_what_the_others_leave() => Assert.Equal(
        ["a", "<1>bc", "<0>ab"], Split("abcab", Token(0, "ab") with { Normalized = true }, Token(1, "bc")));

    [Fact]
    public void A_stripped_space_is_not_encoded()
    {
        var tokenizer = TokenizerData.Load(json => json["added_tokens"]![0]!["lstrip"] = true);
        Assert.Equal([0x61, 258, 0x20, 0x62], tokenizer.Encode("a <s> b"));
        Assert.Equal("a<s> b", tokenizer.Decode([0x61, 258, 0x20, 0x62]));
    }

    private static AddedToken Token(int id, string content) => new(id, content, false, false, false, false);

    private static IEnumerable<string> Split(string text, params AddedToken[] tokens)
    {
        var added = new AddedTokens("tokenizer.json", tokens, token => token);
        return added.Split(text).SelectMany(part => part.Id is null ? added.SplitNormalized(part.Piece) : [part])
            .Select(part => part.Id is { } id ? $"<{id}>{part.Piece.Text}" : part.Piece.Text);
    }
}
