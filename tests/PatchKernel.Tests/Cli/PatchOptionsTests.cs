namespace PatchKernel.Tests.Cli;

/// <summary>What the command's options make of a sweep, as the result file tells.</summary>
public sealed class PatchOptionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private CliRun Sweep(params string[] options) =>
        CliRun.Of(["sweep", .. CliRun.TinyPair, "--html", folder.File("a.html"), "--json", folder.File("a.json"), .. options]);

    private SweepResult Result => SweepResult.Load(folder.File("a.json"));

    [Theory]
    [InlineData("z", null, "layer head", "3 6")]
    [InlineData("k", null, "layer head", "3 2")]
    [InlineData("q", "each", "layer pos head", "3 10 6")]
    [InlineData("pattern", "each", "layer head query_pos", "3 6 10")]
    [InlineData("mlp_post", "each", "layer pos", "3 10")]
    public void Axes_and_shape_follow_site_and_positions(string site, string? positions, string axes, string shape)
    {
        var output = Sweep([.. positions is null ? (string[])[] : ["--positions", positions], "--site", site]).Success();
        Assert.Equal((axes, shape), (string.Join(' ', Result.Axes), string.Join(' ', Result.Shape)));
        Assert.Contains(site, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_have_no_sweep_over_all_positions() =>
        Assert.Contains("position by position", Sweep("--positions", "all").Failure(), StringComparison.Ordinal);

    [Fact]
    public void Both_methods_agree_and_the_file_says_which_ran()
    {
        Sweep("--method", "naive", "--window", "3").Success();
        var naive = Result;
        Sweep("--window", "3").Success();
        Assert.Equal(("naive", "wavefront", 3), (naive.Method, Result.Method, Result.Window));
        Near.Equal(naive.CleanTarget, Result.CleanTarget, 1e-4f, "clean target");
    }

    [Fact]
    public void Measures_are_arrays_of_their_names()
    {
        Sweep("--metrics", "probability,log_probability,rank,kl,best").Success();
        foreach (var name in new[] { "probability", "log_probability", "rank", "kl", "best" }) Assert.Equal(30, Result.Values[name].Length);
        Assert.All(Result.Values["probability"].Zip(Result.Values["log_probability"]), pair => Assert.Equal(pair.First, MathF.Exp(pair.Second), 1e-5f));
    }

    [Fact]
    public void An_unknown_measure_is_wrong_usage() => Assert.Contains("choose from probability", Sweep("--metrics", "entropy").Failure(2), StringComparison.Ordinal);

    [Fact]
    public void Verified_cells_stand_in_the_file_and_under_the_grid()
    {
        var output = Sweep("--verify", "4").Success();
        Assert.Equal(4, Result.Verified!.Cells);
        Assert.Contains("4 cells computed once more", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_gives_means_and_their_spread()
    {
        Sweep("--source", "noise", "--noise-samples", "3", "--noise-std", "1", "--seed", "7").Success();
        var first = Result;
        Assert.Equal("noise", first.Source);
        Assert.Contains(first.Values["clean_target_std"], spread => spread > 0);
        Sweep("--source", "noise", "--noise-samples", "3", "--noise-std", "1", "--seed", "7").Success();
        Assert.Equal(first.CleanTarget, Result.CleanTarget);
        Sweep("--source", "noise", "--noise-samples", "3", "--noise-std", "1", "--seed", "8").Success();
        Assert.NotEqual(first.CleanTarget, Result.CleanTarget);
    }

    [Fact]
    public void Streamed_weights_give_the_same_numbers()
    {
        Sweep("--residency", "streamed").Success();
        var streamed = Result;
        Sweep("--residency", "all").Success();
        Assert.Equal(Result.CleanTarget, streamed.CleanTarget);
    }
}
