namespace PatchKernel.Tests.Tokens;

/// <summary>Answers and new tokens go on with a text, and begin none: where SentencePiece would write a space at the beginning, they have none but their own.</summary>
public sealed class ContinuationTests
{
    public static TheoryData<string> Kinds => [.. Directory.GetFiles(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tokens", "kinds"), "*.tokenizer.json").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_target_s_tokens_are_those_that_follow_the_prompt_s(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile(kind));
        foreach (var answer in new[] { " Paris", " the answer", "Paris", ".", "\n", " 12", " é" })
        {
            var prompt = Prompt.FromText("The capital of France is", tokenizer);
            var target = Target.FromText(answer, tokenizer, prompt);
            Assert.Equal(tokenizer.Encode(prompt.Text + answer, addSpecialTokens: false), [.. tokenizer.Encode(prompt.Text!, addSpecialTokens: false), .. target.Ids]);
            Assert.Equal(target.Ids, Target.FromText(answer, tokenizer).Ids);
            Assert.Equal(answer[0], target.Text![0]);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pair_s_answers_with_leading_spaces_differ_in_their_first_token(string kind)
    {
        var pair = PromptPair.FromTexts("The cat is", "The dog is", " a", " the", Tokenizer.Load(TokenizerData.KindFile(kind)));
        Assert.StartsWith(" a", pair.CleanTarget.Text, StringComparison.Ordinal);
        Assert.StartsWith(" t", pair.CorruptTarget.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void New_tokens_keep_their_space(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile(kind));
        var prompt = Prompt.FromText("The answer", tokenizer);
        var generation = new Generation("model", prompt, Target.FromText(" is the word", tokenizer, prompt).Ids, isEnded: false, tokenizer);
        Assert.Equal((" is the word", "The answer is the word"), (generation.Text, generation.Whole.Text));
    }

    [Fact]
    public void Behind_a_token_that_takes_spaces_an_answer_begins_a_text()
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile("phi3-like.tokenizer.json"));
        var prompt = Prompt.FromText("<|user|>\nhi<|assistant|>\n", tokenizer);
        Assert.Equal(Target.FromText(" the", tokenizer).Ids, Target.FromText("the", tokenizer, prompt).Ids);
    }

    [Fact]
    public void Where_a_token_would_reach_across_the_answer_is_taken_as_behind_any_text()
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile("llama2-like.tokenizer.json"));
        Assert.Equal(Target.FromText("the", tokenizer).Ids, Target.FromText("the", tokenizer, Prompt.FromText("a ", tokenizer)).Ids);
        Assert.NotEqual(tokenizer.Encode("the", addSpecialTokens: false), Target.FromText("the", tokenizer).Ids);
    }

    [Fact]
    public void Half_a_character_is_finished_by_a_new_token()
    {
        var tokenizer = TokenizerData.Load();
        var prompt = Prompt.FromIds([0xE2, 0x82]);
        Assert.Equal("\uFFFDx", new Generation("model", prompt, [0xAC, 'x'], isEnded: false, tokenizer).Text);
    }
}
