using PatchKernel.Tests.Experiments.Units;

namespace PatchKernel.Tests.Cli;

/// <summary><c>patchkernel experiment</c> in this process: check, run, status, merge, chart.</summary>
public sealed class ExperimentCommandTests : ExperimentCommandFolder
{
    [Fact]
    public void Check_says_what_would_run()
    {
        var output = Experiment("check", Study()).Success();
        Assert.Contains("4 pairs, in 2 units of up to 2\n", output, StringComparison.Ordinal);
        Assert.Matches(@"mini: 192 patched runs, 384 rows, up to [0-9.]+ [MG]B of memory \(weights in memory\), about [0-9.]+ [MG]FLOP", output);
        Assert.Contains("1 pair, in one unit", Experiment("check", Study(), "--limit", "1").Success(), StringComparison.Ordinal);
        File.WriteAllLines(folder.File("d.jsonl"), [.. File.ReadLines(MiniStudy.Pairs).Take(2), "{}"]);
        var run = Experiment("check", Study(), "--data", folder.File("d.jsonl"), "--skip-bad");
        Assert.Contains("2 pairs, 1 row left out, in one unit\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("left out, line 3: it has no 'clean'", run.Error, StringComparison.Ordinal);
        Assert.Contains("line 3: it has no 'clean'", Experiment("check", Study(), "--data", folder.File("d.jsonl")).Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_says_a_line_a_unit_and_status_and_merge_say_how_far_it_is()
    {
        var run = Run("--shard", "1/2");
        Assert.Equal((0, "1 of 2 units done, 0 running.\n"), (run.ExitCode, run.Output));
        Assert.Matches("^unit 1 of 2, mini, pairs 1 to 2: 192 rows in [0-9.]+ s\n$", run.Error);
        Assert.Equal("1 of 2 units done, 0 running.\nMissing: 2.\n", Experiment("status", Output).Success());
        Assert.Equal("No table was written: of 2 units 1 is missing (2); run the study again, which runs only those.", Experiment("merge", Output).Failure());
        Assert.Equal($"'{Output}' has no tables yet. 1 of 2 units done, 0 running. Run the study again, which goes on and then writes them.", Experiment("chart", Output).Failure());
        Assert.False(File.Exists(Path.Combine(Output, "results.parquet")));
        Assert.Equal($"All 2 units are done.\nthe tables are written by: patchkernel experiment merge {Output}\n", Run("--shard", "2/2").Output);
        Assert.Equal($"'{Output}' has no tables yet. All 2 units are done. Write them with 'patchkernel experiment merge {Output}'.", Experiment("chart", Output).Failure());
        Assert.Equal($"All 2 units are done. All 4 pairs have results.\n{Wrote("results.parquet", "pairs.parquet", "summary.csv")}", Run().Output);
        Assert.Equal("All 2 units are done. All 4 pairs have results.\n", Experiment("status", Output).Success());
        Assert.Equal("All 4 pairs have results.\n" + Wrote("results.parquet", "results.csv", "pairs.parquet", "pairs.csv", "summary.csv"), Experiment("merge", Output, "--csv").Success());
        Assert.All((string[])["results.csv", "pairs.csv"], name => Assert.True(File.Exists(Path.Combine(Output, name))));
        Assert.Equal(384, MiniStudy.Results(Output).Count);

        string Wrote(params string[] names) => $"wrote {string.Join(", ", names.Select(name => Path.Combine(Output, name)))}\n";
    }

    [Fact]
    public void Options_are_called_as_the_fields_and_take_their_place()
    {
        File.WriteAllLines(folder.File("d.jsonl"), File.ReadLines(MiniStudy.Pairs).Take(9));
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.File("d.jsonl"));
        Run("--data", relative, "--skip", "1", "--limit", "3", "--sample", "5", "--split", "held-out=0.5", "--only-answered", "--skip-bad", "--sites", "z,mlp_out", "--positions", "last, right.mean", "--directions", "noising",
            "--sources", "other,zero", "--windows", "1,3", "--metrics", "match,kl", "--controls", "random", "--dtype", "float16", "--seed", "4", "--verify", "1", "--unit", "3", "--device", "cpu").Well();
        var study = PatchKernel.Units.StudyFolder.Open(Output).Record.Study;
        Assert.Equal(
            """{"model":["mini"],"data":{"limit":3,"sample":5,"split":"held-out=0.5","only_answered":true,"skip_bad":true,"skip":1},"sites":["z","mlp_out"],"positions":["last","right.mean"],"directions":["noising"],"sources":["other","zero"],"windows":[1,3],"metrics":["match","kl"],"controls":["random"],"dtype":"float16","device":"cpu","seed":4,"verify":1,"unit":3}""",
            study.ToJsonString());
        Assert.All(MiniStudy.PairRows(Output), pair => Assert.True(pair.Columns["split"] is "held-out" or "rest"));
        Directory.Delete(Output, recursive: true);
        Run("--positions", "each", "--controls", "", "--sites", "resid_post", "--limit", "1").Well();
        Assert.All(MiniStudy.Results(Output), row => Assert.True(row is { Role: null, Source: "other" }));
    }

    [Theory]
    [InlineData("--limit takes a number from 1 on, and 'many' is none", "--limit", "many")]
    [InlineData("--unit takes a number from 1 on, and '0' is none", "--unit", "0")]
    [InlineData("--verify takes a number from 0 on, and '-1' is none", "--verify", "-1")]
    [InlineData("--sample takes a number from 1 on, and '1.5' is none", "--sample", "1.5")]
    [InlineData("--seed takes a number from -2147483648 to 2147483647, and 'x' is none", "--seed", "x")]
    [InlineData("run has no option '--site'", "--site", "z")]
    public void Options_that_can_t_be_read_are_wrong_usage(string message, params string[] options) => Assert.Contains(message, Run(options).Failure(2), StringComparison.Ordinal);

    [Theory]
    [InlineData("There is no site 'zz'; choose from resid_pre, resid_mid", "--sites", "zz")]
    [InlineData("windows[0] is \"x\" where a whole number", "--windows", "x")]
    [InlineData("There is no 'up'; choose from denoising, noising", "--directions", "up")]
    [InlineData("A study needs a site", "--sites", "")]
    [InlineData("'17/4' is no share", "--shard", "17/4")]
    [InlineData("data.split is \"half\" where a name and a share", "--split", "half")]
    [InlineData("'nowhere.jsonl'", "--data", "nowhere.jsonl")]
    public void What_they_ask_for_may_not_be_there(string message, params string[] options)
    {
        var refusal = Run(options).Failure();
        Assert.Contains(message.Replace("'nowhere.jsonl'", "nowhere.jsonl", StringComparison.Ordinal), refusal, StringComparison.Ordinal);
        if (message.StartsWith("There is no", StringComparison.Ordinal)) Assert.StartsWith(message, refusal, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void A_share_of_its_own_beats_the_scheduler_s()
    {
        // The process's environment is everybody's, so only what the option gives is tried here; a process of its own has the rest.
        var run = Run("--shard", "2/2");
        Assert.Equal("1 of 2 units done, 0 running.\n", run.Output);
        Assert.Equal([0], PatchKernel.Experiment.Status(Output).Missing);
    }

    [Fact]
    public void Rows_that_are_left_out_are_said_once_and_nothing_of_warnings_that_arent()
    {
        File.WriteAllLines(folder.File("d.jsonl"), [.. File.ReadLines(MiniStudy.Pairs).Take(2), "{}"]);
        Assert.StartsWith("1 row left out: 'experiment check' lists them\nunit 1 of 1", Run("--data", folder.File("d.jsonl"), "--skip-bad").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chart_is_curves_where_they_can_be_told_apart_and_a_heatmap_elsewhere()
    {
        Run("--limit", "2").Well();
        var page = folder.File("chart.html");
        Assert.Equal($"wrote {page}\n", Experiment("chart", Output, "--html", page).Success());
        Assert.Contains("bootstrap interval", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Contains("--no-html leaves nothing to write; give --image too, or leave it out", Experiment("chart", Output, "--no-html").Failure(2), StringComparison.Ordinal);
        Assert.Contains("holds no study", Experiment("chart", folder.Path).Failure(), StringComparison.Ordinal);
        Directory.Delete(Output, recursive: true);
        Run("--limit", "2", "--positions", "each").Well();
        Experiment("chart", Output, "--html", page).Success();
        Assert.Contains("interval on hover", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Contains("28 curves can't be told apart", Experiment("chart", Output, "--html", page, "--kind", "curves").Failure(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_without_results_are_counted_with_the_reason()
    {
        var lines = File.ReadLines(MiniStudy.Pairs).Take(3).ToArray();
        lines[1] = lines[1].Replace("\"clean_target\":\"", "\"clean_target\":\" Mary\",\"told\":\"", StringComparison.Ordinal);
        File.WriteAllLines(folder.File("d.jsonl"), lines);
        string[] options = ["--data", folder.File("d.jsonl"), "--only-answered"];
        Assert.StartsWith("All 2 units are done. 2 of 3 pairs have results; left out: not answered rightly in both runs (1).\n", Run(options).Output, StringComparison.Ordinal);
        Assert.Contains("2 of 3 pairs have results; left out: not answered rightly in both runs (1).\n", Experiment("merge", Output).Success(), StringComparison.Ordinal);
        Directory.Delete(Output, recursive: true);
        File.WriteAllLines(folder.File("d.jsonl"), [lines[1]]);
        var none = Run(options);
        Assert.StartsWith("The only unit is done. No pair has results, and the tables are empty; left out: not answered rightly in both runs (1).\n", none.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_that_weigh_too_much_or_the_wrong_way_are_counted()
    {
        // Both answers the other way round: the corrupt run favours the clean target.
        var lines = File.ReadLines(MiniStudy.Pairs).Take(3).ToArray();
        lines[2] = lines[2].Replace("clean_target", "x_target", StringComparison.Ordinal).Replace("corrupt_target", "clean_target", StringComparison.Ordinal).Replace("x_target", "corrupt_target", StringComparison.Ordinal);
        File.WriteAllLines(folder.File("d.jsonl"), lines);
        var run = Run("--data", folder.File("d.jsonl"), "--metrics", "logit_diff,match");
        Assert.Contains("By logit_diff 1 pair has a gap under 1 or of the wrong sign, and averages of scores, which divide by it, may hang on it; see gap_logit_diff in pairs.parquet.",
            run.Output, StringComparison.Ordinal);
        Directory.Delete(Output, recursive: true);
        Assert.DoesNotContain("wrong sign", Run("--data", folder.File("d.jsonl"), "--limit", "2").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_name_is_wrong_usage()
    {
        foreach (var command in (string[][])[["run", Study()], ["submit", Study(), "--array", "2", "--dry-run"]])
            Assert.Contains("--out takes a folder, and its name is empty", Experiment([.. command, "--out", ""]).Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void The_groups_help_names_its_commands()
    {
        var help = CliRun.Of("experiment", "--help").Success();
        foreach (var name in new[] { "check", "run", "submit", "status", "merge" }) Assert.Matches($"\n  {name} ", help);
        Assert.Contains("--only-answered", CliRun.Of("experiment", "run", "--help").Success(), StringComparison.Ordinal);
    }
}
