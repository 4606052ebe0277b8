namespace PatchKernel.Tests.Cli;

public sealed class SweepCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private CliRun Sweep(params string[] options) =>
        CliRun.Of(["sweep", .. CliRun.TinyPair, "--html", folder.File("a.html"), "--json", folder.File("a.json"), .. options]);

    private SweepResult Result => SweepResult.Load(folder.File("a.json"));

    [Fact]
    public void A_sweep_prints_ids_runs_gap_grid_and_range_and_names_its_files()
    {
        var output = Sweep("--image", folder.File("a.png")).Success();
        Assert.Contains("clean       10 ids 1,201,75,60,137,59,66,16,95,46\n", output, StringComparison.Ordinal);
        Assert.Contains("targets     clean 157, corrupt 3\n", output, StringComparison.Ordinal);
        Assert.Contains("clean run   token 82 ", output, StringComparison.Ordinal);
        Assert.Contains("gap         2.24 by target_logit", output, StringComparison.Ordinal);
        Assert.Contains("          layer\npos token     0     1     2\n  0 1      0.00  0.00  0.00\n", output, StringComparison.Ordinal);
        Assert.Contains("\n  9 46     0.81  1.08  1.00\n", output, StringComparison.Ordinal);
        Assert.Contains("Data range: min=-0.0481, max=1.0800", output, StringComparison.Ordinal);
        foreach (var file in new[] { "a.html", "a.png", "a.json" })
        {
            Assert.Contains($"wrote {folder.File(file)}\n", output, StringComparison.Ordinal);
            Assert.True(new FileInfo(folder.File(file)).Length > 1000);
        }
        Assert.DoesNotContain('\x1b', output);
    }

    [Fact]
    public void A_clean_run_that_answers_something_else_is_a_warning()
    {
        var run = Sweep();
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("warning: The clean run answers token 82 (2.617) and not the clean target token 157 (0.162).\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_result_file_has_what_the_library_computes()
    {
        Sweep().Success();
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        var expected = PatchKernel.Sweep.Run(model, Result.Pair);
        Assert.Equal(expected.CleanTarget, Result.CleanTarget);
        Assert.Equal(expected.NormalisedScore, Result.NormalisedScore);
        Assert.Null(Result.Pair.Clean.Text);
        Assert.Null(Result.Pair.Clean.Tokens);
    }

    [Theory]
    [InlineData(Activation.ResidPre, Direction.Noising, "target_logit")]
    [InlineData(Activation.AttnOut, Direction.Denoising, "logit_diff")]
    [InlineData(Activation.MlpOut, Direction.Noising, "logit_diff")]
    public void Site_direction_and_metric_are_what_was_asked_for(Activation site, Direction direction, string metric)
    {
        Sweep("--site", site.Name(), "--direction", direction == Direction.Noising ? "noising" : "denoising", "--metric", metric).Success();
        Assert.Equal((site, direction, metric), (Result.Site, Result.Direction, Result.Metric.Name));
    }

    [Fact]
    public void By_default_the_stored_dtype_is_computed_in_float32()
    {
        var stored = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");
        Sweep("--model", stored, "--target-ids", "47,65").Failure(2);
        string[] pair = ["--clean-ids", "1,2,3", "--corrupt-ids", "1,4,3", "--target-ids", "47,65", "--html", folder.File("a.html"), "--json", folder.File("a.json")];
        CliRun.Of(["sweep", "--model", stored, .. pair]).Success();
        Assert.Equal("float32", Result.Model.Dtype);
        CliRun.Of(["sweep", "--model", stored, "--dtype", "bfloat16", .. pair]).Success();
        Assert.Equal("bfloat16", Result.Model.Dtype);
    }

    [Fact]
    public void One_thread_gives_the_same_answer()
    {
        Sweep("--threads", "1", "--device", "cpu").Success();
        Assert.Equal(1.08f, Result.NormalisedScore.Max(), 0.001f);
    }

    [Fact]
    public void The_signed_scale_runs_from_minus_to_plus()
    {
        Sweep("--signed").Success();
        Assert.Contains("#7f3b08", File.ReadAllText(folder.File("a.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_sweep_fails_and_writes_nothing()
    {
        var run = CliRun.Of(
            new CancellationToken(canceled: true), ["sweep", .. CliRun.TinyPair, "--html", folder.File("a.html"), "--json", folder.File("a.json")]);
        Assert.Contains("error: stopped before the end", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_path_that_cant_be_written_fails_before_the_sweep()
    {
        var run = CliRun.Of(["sweep", .. CliRun.TinyPair, "--html", folder.File("nowhere/a.html")]);
        Assert.Contains($"the folder '{folder.File("nowhere")}' does not exist", run.Failure(), StringComparison.Ordinal);
        Assert.DoesNotContain("clean run", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_shows_where_an_error_comes_from()
    {
        var run = CliRun.Of("sweep", "--model", folder.File("none"), "--verbose");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("   at PatchKernel.", run.Error, StringComparison.Ordinal);
    }
}
