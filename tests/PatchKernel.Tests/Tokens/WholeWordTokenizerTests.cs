namespace PatchKernel.Tests;

public sealed class WholeWordTokenizerTests
{
    private static readonly Tokenizer Words = TokenizerData.OfWords("Q", ":", " Albert", " Einstein", " Isaac", " Newton", "\n", ".");

    [Fact]
    public void Whole_words_are_tokens_and_come_back()
    {
        Assert.Equal([0, 1, 2, 3, 4, 8, 7, 5], Words.Encode("Q: Albert Einstein.\n Isaac"));
        Assert.Equal("Q: Albert Einstein", Words.Decode([1, 2, 3, 4]));
        Assert.Equal(0, Words.BosId);
        Assert.Equal([3, 0, 4], Words.Encode(" Albert<bos> Einstein", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("Q: Albert Einstien", "can't spell \" Einstien\": near words are \" Einstein\"; use words that it has, or another model.")]
    [InlineData("Einstein", "can't spell \"Einstein\": near words are \" Einstein\"; use words that it has, or another model.")]
    [InlineData(" ISAAC", "can't spell \" ISAAC\": near words are \" Isaac\"; use words that it has, or another model.")]
    [InlineData(" 漢", "can't spell \" 漢\": no word in it is near; use words that it has, or another model.")]
    [InlineData("Q\u0001", "can't spell \"\\u0001\": no word in it is near; use words that it has, or another model.")]
    [InlineData(" Xylophonist", "can't spell \" Xylophonist\": no word in it is near; use words that it has, or another model.")]
    public void A_word_that_the_vocabulary_cant_spell_is_an_error_with_near_ones(string text, string sentence)
    {
        var message = Assert.Throws<PatchKernelException>(() => Words.Encode(text)).Message;
        Assert.StartsWith("The vocabulary of '", message, StringComparison.Ordinal);
        Assert.EndsWith(sentence, message, StringComparison.Ordinal);
    }
}
