using PatchKernel.Prompts;

namespace PatchKernel;

/// <content>Spans by their words.</content>
public sealed partial record Prompt
{
    /// <summary>The prompt with a name for some of its words: a span is every token that overlaps them.</summary>
    /// <param name="name">The span's name, such as <c>subject</c>.</param>
    /// <param name="words">The words, as they stand in the prompt once.</param>
    /// <param name="tokenizer">The tokenizer that the prompt was made with.</param>
    /// <exception cref="PatchKernelException">The words don't stand there exactly once, the prompt has no text or another tokenizer's tokens, or the name means something else.</exception>
    public Prompt WithSpan(string name, string words, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (Text is null) throw new PatchKernelException("A prompt of bare ids has no words to find; set its Spans to the tokens' positions.");
        var range = SpannedText.Find(Text, words);
        // A chat template's text has its special tokens in it; other texts get theirs.
        var isWhole = Ids.SequenceEqual(tokenizer.Encode(Text, addSpecialTokens: false));
        if (!isWhole && !Ids.SequenceEqual(tokenizer.Encode(Text)))
            throw new PatchKernelException($"The prompt {this} isn't in this tokenizer's tokens; give the one that it was made with.");
        return this with
        {
            Spans = new Dictionary<string, TokenSpan>(Spans) { [SpanNames.Checked(name)] = tokenizer.Locate(Text, range, addSpecialTokens: !isWhole) },
        };
    }
}
