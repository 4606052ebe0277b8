namespace PatchKernel.Tests.Prompts;

/// <summary>Prompts and targets that can hardly be meant.</summary>
public sealed class PromptFindingsTests
{
    private static readonly Tokenizer Bytes = Load(bos: true);

    private static Tokenizer Load(bool bos)
    {
        using var model = new BytesModel();
        return Tokenizer.Load((bos ? model : model.WithoutBos()).Path);
    }

    private static string[] Of(string clean, string corrupt, string cleanTarget = "x", string corruptTarget = "y", Tokenizer? tokenizer = null)
    {
        tokenizer ??= Bytes;
        var check = PairCheck.Run(PromptPair.FromTexts(clean, corrupt, cleanTarget, corruptTarget, tokenizer), bosId: tokenizer.BosId);
        Assert.False(check.HasErrors);
        return [.. check.Findings.Select(finding => finding.Message)];
    }

    [Theory]
    [InlineData("<s>hi a", "<s>hi b", "The clean and the corrupt prompt begin with \"<s>\" twice: the tokenizer puts it in front of a text itself")]
    [InlineData("<s>hi", "ahi", "The clean prompt begins with \"<s>\" twice")]
    [InlineData("ahi", "<s>hi", "The corrupt prompt begins with \"<s>\" twice")]
    public void A_BOS_twice(string clean, string corrupt, string said) => Assert.StartsWith(said, Assert.Single(Of(clean, corrupt)), StringComparison.Ordinal);

    [Fact]
    public void A_BOS_twice_in_ids() => Assert.Equal(
        "The clean and the corrupt prompt begin with the token 0 twice, which a text has once in front.",
        Assert.Single(PairCheck.Run(PromptPair.FromIds([0, 0, 5], [0, 0, 6], 1, 2), bosId: 0).Findings).Message);

    [Fact]
    public void A_BOS_in_the_text_of_a_tokenizer_that_adds_none_is_fine() => Assert.Empty(Of("<s>hi a", "<s>hi b", tokenizer: Load(bos: false)));

    [Theory]
    [InlineData("<|im_start|>user\nhi")]
    [InlineData("[INST] hi [/INST]")]
    [InlineData("<|begin_of_text|>hi")]
    [InlineData("<<SYS>> hi")]
    [InlineData("<start_of_turn>user")]
    [InlineData("<｜User｜>hi")]
    public void Special_tokens_of_other_families(string text)
    {
        var said = Assert.Single(Of(text + " a", text + " b"));
        Assert.StartsWith("The clean and the corrupt prompt have \"", said, StringComparison.Ordinal);
        Assert.Contains("of other models and ordinary letters to this one", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hi</s>")]
    [InlineData("a <b> tag, a < b |> c, [INSTALL]")]
    [InlineData("f |> g <| h")]
    public void Its_own_special_tokens_and_ordinary_text_are_fine(string text) => Assert.Empty(Of(text + "a", text + "b"));

    [Theory]
    [InlineData(@".\nA:", @"have \n as two characters, a backslash and a letter; for a line end write $'…\n…' in bash and zsh, ""…`n…"" in PowerShell")]
    [InlineData(@"a\tb", @"have \t as two characters")]
    [InlineData(@"one\r\ntwo", @"have \r and \n as two characters each")]
    [InlineData(@"\nabove", @"have \n as")]
    [InlineData(@"a\\nb", @"have \n as")]
    public void Typed_line_ends(string text, string said) => Assert.Contains(said, Assert.Single(Of(text + " a", text + " b")), StringComparison.Ordinal);

    [Theory]
    [InlineData("a\nb\tc")]
    [InlineData(@"the file C:\new\test.txt and \\server\names")]
    [InlineData(@"$\nabla \cdot \theta \neq \text{x} \times \rho \right)$")]
    [InlineData(@"a\d+ b\s")]
    public void Real_line_ends_paths_and_formulas_are_fine(string text) => Assert.Empty(Of(text + " a", text + " b"));

    [Fact]
    public void A_typed_line_end_in_a_target() =>
        Assert.StartsWith(@"The corrupt target has \n as two characters", Of("a", "b", "x", @"\n")[0], StringComparison.Ordinal);

    [Theory]
    [InlineData("hi there", "The clean target \"hi there\" is several tokens, and metrics other than answer_log_prob measure the first alone: \"hi\".")]
    [InlineData("巷", "The clean target \"巷\" is several tokens, and metrics other than answer_log_prob measure the first alone: <0xE5>, a part of a character, which many other answers begin with too.")]
    [InlineData("é", "measure the first alone: <0xC3>, a part of a character, which many other answers begin with too.")]
    public void A_target_of_several_tokens(string target, string said) => Assert.EndsWith(said, Assert.Single(Of("a", "b", target)), StringComparison.Ordinal);

    [Fact]
    public void A_prompt_alone_is_looked_at_by_predict_and_tokens()
    {
        using var model = new BytesModel();
        foreach (var run in new[] { CliRun.Of("predict", "--model", model.Path, "--text", @"<s>a\n"), CliRun.Of("tokens", "--model", model.Path, "--text", @"<s>a\n") })
        {
            run.Success();
            Assert.Contains("warning: The prompt begins with \"<s>\" twice", run.Error, StringComparison.Ordinal);
            Assert.Contains(@"warning: The prompt has \n as two characters", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_command_says_it_in_check_and_before_a_sweep_and_the_result_keeps_the_whole_target()
    {
        using var model = new BytesModel();
        string[] pair = ["--model", model.Path, "--clean", "<s>hi a", "--corrupt", "<s>hi b", "--targets", "hi there", "y"];
        foreach (var run in new[] { CliRun.Of(["check", .. pair]), CliRun.Of(["sweep", "--html", model.File("x.html"), "--json", model.File("x.json"), .. pair]) })
        {
            run.Success();
            Assert.Contains("warning: The clean and the corrupt prompt begin with \"<s>\" twice", run.Error, StringComparison.Ordinal);
            Assert.Contains("warning: The clean target \"hi there\" is several tokens", run.Error, StringComparison.Ordinal);
            Assert.Contains("warning: The corrupt run answers ", run.Error, StringComparison.Ordinal);
        }
        Assert.Equal("hi there", SweepResult.Load(model.File("x.json")).Pair.CleanTarget.Answer);
    }

    [Fact]
    public void A_noised_run_is_never_asked_the_corrupt_question()
    {
        using var model = new BytesModel();
        var run = CliRun.Of("sweep", "--model", model.Path, "--clean", "hi a", "--corrupt", "hi b", "--targets", "x", "y", "--source", "noise", "--noise-samples", "2",
            "--html", model.File("x.html"));
        run.Success();
        Assert.Contains("warning: The clean run answers ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("The corrupt run", run.Error, StringComparison.Ordinal);
    }
}
