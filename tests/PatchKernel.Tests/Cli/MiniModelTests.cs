namespace PatchKernel.Tests.Cli;

/// <summary>The commands on the model that comes with the repository, texts and all.</summary>
public sealed class MiniModelTests : IDisposable
{
    private const string Clean =
        "Q: Which of the following entities has a profession in common with Albert Einstein? Brad Pitt, Isaac Newton, Michael Jackson.\nA:";

    private static readonly string Corrupt = Clean.Replace("Albert Einstein", "Taylor Swift", StringComparison.Ordinal);

    private readonly TemporaryFolder folder = new();
    private readonly string model = TestData.InRepository("models", "mini");

    public MiniModelTests() => Assert.SkipUnless(Directory.Exists(model), "needs the mini model");

    public void Dispose() => folder.Dispose();

    private string[] Files => ["--html", folder.File("a.html"), "--json", folder.File("a.json")];

    private SweepResult Result => SweepResult.Load(folder.File("a.json"));

    [Fact]
    public void With_no_options_the_tutorials_question_is_swept()
    {
        var output = CliRun.Of(["sweep", .. Files]).Success();
        Assert.Contains("pair        einstein: ", output, StringComparison.Ordinal);
        Assert.Contains("\" Einstein\"", output, StringComparison.Ordinal);
        Assert.Matches("clean run +\" Isaac\" ", output);
        Assert.Matches("corrupt run +\" Michael\" ", output);
        Assert.Equal(("mini", "einstein"), (Result.Model.Name, Result.Pair.Name));
        Assert.Equal((Clean, Corrupt), (Result.Pair.Clean.Text, Result.Pair.Corrupt.Text));
    }

    [Fact]
    public void Texts_are_taken_verbatim_and_give_the_pairs_ids()
    {
        CliRun.Of(["sweep", .. Files]).Success();
        var named = Result.Pair;
        CliRun.Of(["sweep", "--clean", Clean, "--corrupt", Corrupt, "--targets", " Isaac", " Michael", .. Files]).Success();
        Assert.Equal(named.Clean.Ids, Result.Pair.Clean.Ids);
        Assert.Equal(named.Corrupt.Ids, Result.Pair.Corrupt.Ids);
        Assert.Equal((named.CleanTarget, named.CorruptTarget), (Result.Pair.CleanTarget, Result.Pair.CorruptTarget));
        Assert.Null(Result.Pair.Name);
    }

    [Fact]
    public void Of_a_longer_answer_the_first_token_counts()
    {
        CliRun.Of(["sweep", "--clean", Clean, "--corrupt", Corrupt, "--targets", " Isaac Newton", " Michael Jackson", .. Files]).Success();
        Assert.Equal((" Isaac", " Michael"), (Result.Pair.CleanTarget.Text, Result.Pair.CorruptTarget.Text));
    }

    [Fact]
    public void Targets_that_share_their_first_token_are_refused() => Assert.Contains(
        "\" Isaac Newton\" and \" Isaac Levitan\" share their first token, \" Isaac\"",
        CliRun.Of(["check", "--clean", Clean, "--corrupt", Corrupt, "--targets", " Isaac Newton", " Isaac Levitan"]).Failure(), StringComparison.Ordinal);

    [Fact]
    public void A_subject_of_another_length_is_shown_side_by_side()
    {
        var corrupt = Clean.Replace("Albert Einstein", "Swift", StringComparison.Ordinal);
        var run = CliRun.Of("sweep", "--clean", Clean, "--corrupt", corrupt, "--targets", " Isaac", " Michael");
        Assert.Contains("clean has \" Albert\" \" Einstein\" where corrupt has \" Swift\"", run.Failure(), StringComparison.Ordinal);
        Assert.Matches("\" Albert\" +[0-9]+ \" Swift\"\n", run.Output);
    }

    [Fact]
    public void A_word_that_the_model_doesnt_know_is_refused_with_near_ones() => Assert.Contains("Einstein",
        CliRun.Of("predict", "--text", Clean.Replace("Einstein", "Einstien", StringComparison.Ordinal)).Failure(), StringComparison.Ordinal);

    [Fact]
    public void Given_ids_without_the_first_token_are_a_warning()
    {
        var ids = PromptPair.FromTexts(Clean, Corrupt, " Isaac", " Michael", Tokenizer.Load(model));
        var run = CliRun.Of(
            "check", "--clean-ids", string.Join(',', ids.Clean.Ids.Skip(1)), "--corrupt-ids", string.Join(',', ids.Corrupt.Ids.Skip(1)),
            "--target-ids", $"{ids.CleanTarget.Id},{ids.CorruptTarget.Id}");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("warning: The clean and the corrupt prompt lack the first token", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_for_another_model_that_mini_cannot_spell_says_whose_it_is() => Assert.Equal(
        "The pair 'capital' is for HuggingFaceTB/SmolLM2-135M-Instruct: give --model, or choose another pair, since the vocabulary of mini can't spell it.",
        CliRun.Of("check", "--pair", "capital").Failure());

    [Theory, InlineData("--noise-std", "2"), InlineData("--noise-samples", "3")]
    public void Options_of_noise_need_noise(string option, string value) =>
        Assert.StartsWith($"{option} goes with --source noise", CliRun.Of("sweep", option, value).Failure(2), StringComparison.Ordinal);

    [Fact]
    public void A_prompt_longer_than_the_model_was_made_for_is_warned_of() => Assert.Contains(
        "warning: The prompt has 65 tokens, and the model was made for 64 at most",
        CliRun.Of("predict", "--ids", string.Join(',', Enumerable.Repeat(5, 65))).Error, StringComparison.Ordinal);

    [Fact]
    public void A_pair_that_isnt_for_the_model_says_so_quietly()
    {
        using var other = new TemporaryFolder();
        Directory.CreateSymbolicLink(other.File("another"), model);
        var quiet = CliRun.Of("check", "--pair", "moon", "--model", other.File("another"));
        Assert.Equal("", quiet.Error);
        Assert.Contains("It is for mini; another isn't among them, by its name.\n", quiet.Success(), StringComparison.Ordinal);
        Assert.DoesNotContain("among them", CliRun.Of("check", "--pair", "moon").Success(), StringComparison.Ordinal);
    }

    [Theory, InlineData("check"), InlineData("sweep")]
    public void An_answer_that_the_prompts_file_didnt_expect_is_a_warning(string command)
    {
        var prompts = File.ReadAllText(TestData.InRepository("data", "prompts.json")).Replace("\"clean\": \" Buzz\"", "\"clean\": \" Claude\"", StringComparison.Ordinal);
        File.WriteAllText(folder.File("p.json"), prompts);
        var run = CliRun.Of([command, "--pair", "moon", "--prompts", folder.File("p.json"), .. command == "sweep" ? Files : []]);
        Assert.Equal((0, "warning: Of mini the clean run is expected to answer \" Claude\", and this model says \" Buzz\".\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public void Predict_answers_both_prompts_of_the_pair()
    {
        var best = CliRun.Of("predict", "--top", "1").Success().Split('\n').Where(line => line.TrimStart().StartsWith("1 ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, best.Count);
        Assert.Contains("\" Isaac\"", best[0], StringComparison.Ordinal);
        Assert.Contains("\" Michael\"", best[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_shows_the_clean_prompt() => Assert.Matches("\n +[0-9]+ +[0-9]+ +\" Einstein\"\n", CliRun.Of("tokens").Success());
}
