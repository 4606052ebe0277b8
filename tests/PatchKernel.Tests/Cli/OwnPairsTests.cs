namespace PatchKernel.Tests.Cli;

/// <summary>Prompts of the user's own: files of pairs, plain texts, with targets and without.</summary>
public sealed class OwnPairsTests : IDisposable
{
    private const string Clean =
        "Q: Which of the following entities has a profession in common with Albert Einstein? Brad Pitt, Isaac Newton, Michael Jackson.\nA:";

    private static readonly string Corrupt = Clean.Replace("Albert Einstein", "Taylor Swift", StringComparison.Ordinal);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Book(string pairs)
    {
        var path = folder.File("p.json");
        File.WriteAllText(path, $$"""{ "pairs": [ {{pairs}} ] }""");
        return path;
    }

    private static string Pair(string name, string more = "") =>
        $$"""{ "name": "{{name}}", "clean": { "text": {{Json(Clean)}}{{more}} }, "corrupt": {{Json(Corrupt)}} }""";

    private static string Json(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    [Fact]
    public void Several_pairs_of_a_file_are_listed_where_none_is_chosen()
    {
        var book = Book($"{Pair("one")}, {Pair("einstein")}");
        foreach (var command in new[] { "sweep", "check", "predict" })
            Assert.Equal($"{book} has 2 pairs, one, einstein; give one of them as --pair NAME; see --help.", CliRun.Of(command, "--prompts", book).Failure(2));
        var table = CliRun.Of("pairs", "--prompts", book).Success();
        Assert.Equal(["one", "einstein"], table.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(line => line.Trim()));
    }

    [Fact]
    public void The_commands_own_pairs_are_listed_with_their_models_and_notes()
    {
        var table = CliRun.Of("pairs").Success();
        Assert.Matches(@"(?m)^einstein  .*mini.*  \S+", table);
        Assert.Matches(@"(?m)^similar  .*SmolLM2-135M-Instruct", table);
    }

    [Fact]
    public void A_pair_without_targets_is_checked_and_not_swept()
    {
        var book = Book(Pair("one"));
        var output = CliRun.Of("check", "--prompts", book).Success();
        Assert.Contains("pair        one\n", output, StringComparison.Ordinal);
        Assert.Contains("targets     none\n", output, StringComparison.Ordinal);
        Assert.Contains("\" Einstein\"", output, StringComparison.Ordinal);
        Assert.Contains("not without targets; what the runs answer would be --targets \" Isaac\" \" Michael\"\n", output, StringComparison.Ordinal);
        Assert.Contains("the pair 'one' of", CliRun.Of("sweep", "--prompts", book).Failure(2), StringComparison.Ordinal);
        Assert.Contains("give each side a \"target\"", CliRun.Of("sweep", "--prompts", Book(Pair("one", ", \"target\": \" Isaac\""))).Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_texts_are_checked_without_targets_and_so_are_ids()
    {
        Assert.Contains("--targets \" Isaac\" \" Michael\"", CliRun.Of("check", "--clean", Clean, "--corrupt", Corrupt).Success(), StringComparison.Ordinal);
        Assert.Matches(@"gap +not without targets; what the runs answer would be --target-ids \d+,\d+\n|^$", CliRun.Of(["check", .. CliRun.TinyPair[..6]]).Output.Split("corrupt run")[1].Split('\n')[1] + "\n");
        Assert.Contains("rank", CliRun.Of("predict", "--clean", Clean, "--corrupt", Corrupt).Success(), StringComparison.Ordinal);
        Assert.StartsWith("--clean needs --targets too", CliRun.Of("sweep", "--clean", Clean, "--corrupt", Corrupt).Failure(2), StringComparison.Ordinal);
        Assert.Contains("The clean prompt has", CliRun.Of("check", "--clean", Clean, "--corrupt", "Q:").Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_answer_is_measured()
    {
        CliRun.Of("sweep", "--clean", Clean, "--corrupt", Corrupt, "--targets", " Isaac Newton", " Michael Jackson", "--metric", "answer_log_prob,target_logit",
            "--verify", "5", "--no-html", "--json", folder.File("a.json")).Success();
        var result = SweepResult.Load(folder.File("a.json"));
        Assert.True(result.Pair.CleanTarget.Ids.Count > 1);
        Assert.True(result.Verified!.IsWithinRounding);
        Assert.InRange(result.CleanRun.Of(Metric.AnswerLogProb), -0.5f, 0); // the model is sure of its answer
        Assert.InRange(result.CorruptRun.Of(Metric.AnswerLogProb), float.MinValue, -3);
        Assert.Equal(1, result.Score(0, result.Pair.DifferingPositions[^1]), 0.1f);
    }

    [Fact]
    public void Files_in_the_current_folder_are_the_users_own()
    {
        Directory.CreateDirectory(folder.File("data"));
        Directory.CreateDirectory(folder.File("models/mini"));
        File.WriteAllText(folder.File("data/prompts.json"), "[]");
        var run = ProcessTests.Run(folder.Path, "check", "--pair", "einstein");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("pair        einstein: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("isn't a JSON object", ProcessTests.Run(folder.Path, "check", "--prompts", "data/prompts.json").Error, StringComparison.Ordinal);
        Assert.Contains("no config.json", ProcessTests.Run(folder.Path, "check", "--model", "models/mini").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_file_says_doesnt_steer_the_terminal()
    {
        var book = Book($$"""{ "name": "a\u001b[31m", "note": "two\nlines \u001b]0;x\u0007\u009b2J\u202e", "clean": { "text": {{Json(Clean)}} }, "corrupt": {{Json(Corrupt)}} }""");
        foreach (var run in new[] { CliRun.Of("check", "--prompts", book), CliRun.Of("pairs", "--prompts", book), CliRun.Of("sweep", "--prompts", book), CliRun.Of("check", "--prompts", book, "--pair", "b\u001bc") })
            Assert.DoesNotContain(run.Output + run.Error, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.Contains(@"a\u001b[31m: two lines \u001b]0;x\u0007\u009b2J\u202e", CliRun.Of("check", "--prompts", book).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_place_of_the_prompts_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a pipe with a name");
        Assert.Contains("not a file", CliRun.Of("check", "--prompts", "/dev/zero").Failure(), StringComparison.Ordinal);
        using var made = System.Diagnostics.Process.Start("mkfifo", folder.File("pipe"))!;
        made.WaitForExit();
        Assert.Contains("is a pipe", CliRun.Of("check", "--prompts", folder.File("pipe")).Failure(), StringComparison.Ordinal);
    }
}
