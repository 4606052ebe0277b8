namespace PatchKernel.Tests.Prompts;

/// <summary>Spans by words and by a template's holes, and roles by name.</summary>
public sealed class SpanTests
{
    private static Tokenizer Tokenizer => TokenizerData.SmolLm2;

    [Fact]
    public void A_template_s_holes_are_spans_of_both_prompts()
    {
        var pair = PromptPair.FromDefinition(PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("einstein"), Tokenizer);
        Assert.Equal(["subject", "options[0]", "options[1]", "options[2]"], pair.Clean.Spans.Keys);
        Assert.Equal((" Albert Einstein", " Taylor Swift"), (Words(pair.Clean, "subject"), Words(pair.Corrupt, "subject")));
        Assert.Equal([" Brad Pitt", " Isaac Newton", " Michael Jackson"], Enumerable.Range(0, 3).Select(i => Words(pair.Corrupt, $"options[{i}]")));
    }

    [Fact]
    public void Every_shipped_pair_s_spans_spell_what_its_template_holds()
    {
        foreach (var definition in PromptBook.Load(TestData.InRepository("data", "prompts.json")).Pairs.Where(pair => pair.HasTargets))
        {
            var pair = PromptPair.FromDefinition(definition, Tokenizer);
            foreach (var (prompt, side) in new[] { (pair.Clean, definition.Clean), (pair.Corrupt, definition.Corrupt) })
            {
                if (definition.Template == "{subject}") Assert.Empty(prompt.Spans);
                else Assert.Contains(side.Subject, Words(prompt, "subject"), StringComparison.Ordinal);
                foreach (var (i, option) in definition.Options.Index()) Assert.Contains(option, Words(prompt, $"options[{i}]"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_hole_that_comes_twice_is_two_spans_and_one_without_words_none()
    {
        var definition = new PairDefinition { Name = "twice", Template = "{subject} or {options}? {subject}🙂{subject}", Options = [" ", "{subject}"], Clean = new("👩🏽 a"), Corrupt = new("b") };
        var text = definition.Filled(definition.Clean);
        Assert.Equal("👩🏽 a or  , {subject}? 👩🏽 a🙂👩🏽 a", text.Text);
        Assert.Equal(
            [("subject", 0, 4), ("options[1]", 11, 20), ("subject[1]", 22, 26), ("subject[2]", 27, 31)],
            text.Spans.Select(span => (span.Key, span.Value.Start, span.Value.End)));
    }

    [Fact]
    public void Words_name_a_span_in_both_prompts()
    {
        var pair = PromptPair.FromTexts("The capital of France is", "The capital of Papua New Guinea is", " Paris", " Port", Tokenizer).WithSpan("subject", "France", "Papua New Guinea", Tokenizer);
        Assert.Equal((" France", " Papua New Guinea"), (Words(pair.Clean, "subject"), Words(pair.Corrupt, "subject")));
        var two = pair.WithSpan("verb", "is", "is", Tokenizer);
        Assert.Equal(["subject", "verb"], two.Corrupt.Spans.Keys);
        Assert.Equal(" is", Words(two.Corrupt, "verb"));
        Assert.Empty(PromptPair.FromTexts("a", "b", "c", "d", Tokenizer).Clean.Spans);
    }

    [Fact]
    public void Words_are_found_in_a_text_with_its_own_special_tokens()
    {
        const string text = "<|im_start|>user\nWho was Newton?<|im_end|>\n";
        var ids = Tokenizer.Encode(text, addSpecialTokens: false);
        Assert.Equal(" Newton", Words(new Prompt(text, ids, [.. ids.Select(Tokenizer.TokenText)]).WithSpan("who", "Newton", Tokenizer), "who"));
    }

    [Theory]
    [InlineData("subject", "Spain", "A span's words, \"Spain\", aren't in the prompt \"The capital of France is\"; give them as they stand there.")]
    [InlineData("subject", "a", "A span's words, \"a\", stand more than once in the prompt \"The capital of France is\"; give words that stand there once, or the tokens' positions.")]
    [InlineData("subject", "", "A span needs words; give some of the prompt's.")]
    [InlineData("last", "France", "A span can't be called 'last', which means something else in a role; give it another name.")]
    [InlineData("a b", "France", "A span can't be called 'a b'; give it a name without blanks, dots, commas and colons.")]
    public void Words_that_name_nothing_are_one_sentence(string name, string words, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<PatchKernelException>(() => Prompt.FromText("The capital of France is", Tokenizer).WithSpan(name, words, Tokenizer)).Message);

    [Fact]
    public void Prompts_without_words_or_of_another_tokenizer_are_one_sentence()
    {
        Assert.Contains("has no words to find", Assert.Throws<PatchKernelException>(() => Prompt.FromIds([1, 2]).WithSpan("a", "b", Tokenizer)).Message, StringComparison.Ordinal);
        var strange = new Prompt("abc", [1, 2], null);
        Assert.StartsWith("The prompt \"abc\" isn't in this tokenizer's tokens", Assert.Throws<PatchKernelException>(() => strange.WithSpan("a", "b", Tokenizer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Roles_have_names_and_alignments_are_positions()
    {
        var roles = TokenRole.ParseAll("subject.last, last,3:-1,2:1+0:0");
        Assert.Equal(["subject.last", "last", "3:-1", "2:1+0:0"], roles.Select(role => role.Name));
        var (clean, corrupt) = (Prompt.FromIds([1, 2, 3, 4]), Prompt.FromIds([5, 6, 7]));
        Assert.Equal([3, 2], (int[])[.. roles[2].In(clean, corrupt)[0].Clean, .. roles[2].In(clean, corrupt)[0].Corrupt]);
        Assert.Equal([2, 0, 1, 0], (int[])[.. roles[3].In(clean, corrupt)[0].Clean, .. roles[3].In(clean, corrupt)[0].Corrupt]);
    }

    [Theory]
    [InlineData("3:", "There are no positions '3:'; ")]
    [InlineData("3:4:5", "There are no positions '3:4:5'; ")]
    [InlineData("3:4+", "There are no positions '3:4+'; ")]
    [InlineData("3:4+3:5", "The alignment '3:4+3:5' names a position twice; ")]
    [InlineData("last,", "There is no role ''; ")]
    public void What_is_no_role_is_said(string names, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<PatchKernelException>(() => TokenRole.ParseAll(names)).Message, StringComparison.Ordinal);

    [Fact]
    public void Prompts_of_unequal_length_are_told_how_to_ask()
    {
        var pair = PromptPair.FromTexts("The capital of France is", "The capital of Papua New Guinea is", " Paris", " Port", Tokenizer);
        Assert.EndsWith("or name their words and patch by role: WithSpan and SweepOptions.Roles in C#, --span and --positions on the command line.", Message(pair), StringComparison.Ordinal);
        Assert.EndsWith("or patch by role, such as country.last: SweepOptions.Roles in C#, --positions on the command line.", Message(pair.WithSpan("country", "France", "Guinea", Tokenizer)), StringComparison.Ordinal);
        Assert.False(PairCheck.Run(pair, byRole: true).HasErrors);

        static string Message(PromptPair pair) => PairCheck.Run(pair).Findings.Single().Message;
    }

    private static string Words(Prompt prompt, string span) => string.Concat(prompt.Spans[span].Positions.Select(pos => prompt.Tokens![pos]));
}
