namespace PatchKernel.Tests.Cli;

/// <summary><c>sweep --data</c>: one row as any pair, several as their average.</summary>
public sealed class DataSweepTests : IDisposable
{
    private const string Template = "\"Q: Which of the following entities has a profession in common with {subject}? Brad Pitt, Isaac Newton, Michael Jackson.\nA:\"";
    private const string Head = "id,template,clean_subject,corrupt_subject,clean_target,corrupt_target\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Data(params string[] rows)
    {
        File.WriteAllText(folder.File("a.csv"), Head + string.Concat(rows.Select(row => row + "\n")));
        return folder.File("a.csv");
    }

    private static string Row(string id, string clean = "Albert Einstein", string corrupt = "Taylor Swift", string target = " Isaac", string other = " Michael") =>
        $"{id},{Template},{clean},{corrupt},{target},{other}";

    private CliRun Sweep(string data, params string[] options) => CliRun.Of(["sweep", "--data", data, "--html", folder.File("a.html"), .. options]);

    private static string[] Several => [Row("one"), Row("two", corrupt: "Michael Jackson"), Row("three", "Taylor Swift", "Albert Einstein", " Michael", " Isaac")];

    [Fact]
    public void One_row_is_swept_as_any_pair()
    {
        var output = Sweep(Data(Several), "--row", "one", "--json", folder.File("a.json")).Success();
        Assert.Contains("row         one, line 2\n", output, StringComparison.Ordinal);
        var result = SweepResult.Load(folder.File("a.json"));
        CliRun.Of("sweep", "--pair", "einstein", "--no-html", "--json", folder.File("b.json")).Success();
        Assert.Equal(SweepResult.Load(folder.File("b.json")).NormalisedScore, result.NormalisedScore);
        Assert.Equal("one", result.Pair.Name);
        Assert.Contains("row         two, line 4\n", Sweep(Data(Several), "--row", "4").Success(), StringComparison.Ordinal); // a row takes two lines
    }

    [Fact]
    public void Several_rows_are_shown_as_the_average_of_their_sweeps()
    {
        var output = Sweep(Data(Several), "--image", folder.File("a.png"), "--verify", "2").Success();
        Assert.Contains("3 of 3 rows swept\n", output, StringComparison.Ordinal);
        Assert.Contains("answered    all rightly, in both runs\n", output, StringComparison.Ordinal);
        foreach (var file in new[] { "a.html", "a.png" }) Assert.Contains($"wrote {folder.File(file)}\n", output, StringComparison.Ordinal);
        using var model = LanguageModel.Load(TestData.InRepository("models", "mini"), device: "cpu");
        var results = ExperimentData.Load(folder.File("a.csv")).Rows.Select(row => PatchKernel.Sweep.Run(model, row.In(model.Tokenizer!))).ToArray();
        var average = SweepAverage.Of(results);
        var line = output.Split('\n').First(each => each.StartsWith("    4  ", StringComparison.Ordinal));
        Assert.StartsWith(FormattableString.Invariant($"{average.Mean[4]:F2} ({average.Lower[4]:F2} to {average.Upper[4]:F2})"), line[7..].TrimStart(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_go_by_role_where_that_is_asked_for()
    {
        var output = Sweep(Data(Several), "--positions", "subject.first,subject.last,last").Success();
        Assert.Matches(@"layer +subject\.first +subject\.last +last\n", output);
        Assert.Contains("line 2: The role option.last needs the span 'option'", Sweep(Data(Several), "--positions", "option.last").Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_are_listed_by_their_means() => Assert.Matches(@"layer +head +highest means\n( +\d+ +\d+ +-?\d\.\d\d \(.*\)\n){10}", Sweep(Data(Several), "--site", "z").Success());

    [Fact]
    public void Bad_rows_are_errors_or_left_out_and_counted()
    {
        string[] rows = [.. Several, "bad,too few", Row("unspelt", corrupt: "Xylophone Qwerty"), Row("unequal", corrupt: "Albert Einstein Michael")];
        Assert.Contains("a.csv, line 8: it has 2 fields", Sweep(Data(rows)).Failure(), StringComparison.Ordinal);
        Assert.Contains("a.csv, line 9: ", Sweep(Data([.. rows.Where(row => !row.StartsWith("bad", StringComparison.Ordinal))])).Failure().Replace("line 8", "line 9", StringComparison.Ordinal), StringComparison.Ordinal);
        var run = Sweep(Data(rows), "--skip-bad");
        Assert.Contains("3 of 6 rows swept, 3 bad and left out\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("warning: Left out: line 8, it has 2 fields", run.Error, StringComparison.Ordinal);
        Assert.Contains("warning: Line 11: Left out: The clean prompt has", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void Rows_that_arent_answered_rightly_are_counted_and_left_out_where_that_is_asked_for()
    {
        string[] rows = [.. Several, Row("wrong", target: " Brad")];
        Assert.Contains("answered    3 of 4 rightly in both runs; --only-answered leaves the others out\n", Sweep(Data(rows)).Success(), StringComparison.Ordinal);
        var output = Sweep(Data(rows), "--only-answered").Success();
        Assert.Contains("3 of 4 rows swept\n", output, StringComparison.Ordinal);
        Assert.Contains("answered    all rightly, in both runs; 1 other left out\n", output, StringComparison.Ordinal);
        Assert.Contains("only the one on line 2 is left, and an average needs two; give it as --row 2", Sweep(Data(Several[0], rows[^1]), "--only-answered").Failure(), StringComparison.Ordinal);
        Assert.Contains("none is left", Sweep(Data(rows[^1], Row("also", target: " Pitt")), "--only-answered").Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_the_first_twenty_or_those_asked_for()
    {
        var rows = Enumerable.Range(0, 25).Select(i => Row($"r{i}")).ToArray();
        Assert.Contains("20 of 25 rows swept; --skip, --limit and --sample choose others\n", Sweep(Data(rows)).Success(), StringComparison.Ordinal);
        Assert.Contains("2 of 25 rows swept", Sweep(Data(rows), "--limit", "2").Success(), StringComparison.Ordinal);
        Assert.Contains(": r20, r21, r22 ·", Sweep(Data(rows), "--skip", "20", "--limit", "3").Success(), StringComparison.Ordinal);
        Assert.Contains("skipping 25 leaves none", Sweep(Data(rows), "--skip", "25").Failure(), StringComparison.Ordinal);
        Assert.Contains(": r0, r14, r16 ·", Sweep(Data(rows), "--sample", "3", "--seed", "5").Success(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--row x --limit 3", "--row is one row, and --limit is for several")]
    [InlineData("--row x --skip 3", "--row is one row, and --skip is for several")]
    [InlineData("--pair moon", "--data and --pair don't go together")]
    [InlineData("--as-chat", "--data takes prompts as they stand")]
    [InlineData("--seed 3", "--seed goes with --source noise, --verify or --sample")]
    [InlineData("--json x.json", "--json holds one sweep, and there are several rows")]
    [InlineData("--raw", "--raw is for one heatmap")]
    [InlineData("--site z --positions each", "--positions is for one pair where the cells are heads")]
    [InlineData("--site k --positions last", "--positions is for one pair where the cells are heads")]
    [InlineData("--limit 0", "--limit takes a number from 1 on")]
    public void Options_that_dont_go_together_are_refused(string options, string why) =>
        Assert.Contains(why, Sweep(Data(Several), options.Split(' ')).Failure(2), StringComparison.Ordinal);

    [Fact]
    public void A_row_that_isnt_there_and_an_option_without_data_are_refused()
    {
        Assert.Contains("has no row 'thre'; did you mean three", Sweep(Data(Several), "--row", "thre").Failure(), StringComparison.Ordinal);
        Assert.Contains("a.csv, line 8: it has 1 field", Sweep(Data([.. Several, "x"]), "--row", "8").Failure(), StringComparison.Ordinal);
        Assert.Contains("--sample goes with --data", CliRun.Of("sweep", "--sample", "3").Failure(2), StringComparison.Ordinal);
        Assert.Contains("would write", CliRun.Of("sweep", "--data", Data(Several), "--html", folder.File("a.csv")).Failure(2), StringComparison.Ordinal);
        Assert.Contains("would write", CliRun.Of("sweep", "--data", Data(Several), "--row", "one", "--html", folder.File("a.csv")).Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_sources_take_the_files_own_prompts()
    {
        Assert.Contains("3 of 3 rows swept", Sweep(Data(Several), "--source", "mean").Success(), StringComparison.Ordinal);
        Assert.Contains("3 of 3 rows swept", Sweep(Data(Several), "--source", "noise", "--noise-samples", "1").Success(), StringComparison.Ordinal);
    }
}
