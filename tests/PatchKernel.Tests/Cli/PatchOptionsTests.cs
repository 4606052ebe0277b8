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
        Assert.Contains("position by position", Sweep("--positions", "all").Failure(2), StringComparison.Ordinal);

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
    public void Metrics_are_arrays_of_their_names_and_the_first_is_drawn()
    {
        Sweep("--metric", "target_logit,probability,log_probability,rank,kl,best").Success();
        foreach (var name in new[] { "probability", "log_probability", "rank", "kl", "best" }) Assert.Equal(30, Result.Values[name].Length);
        Assert.All(Result.Values["probability"].Zip(Result.Values["log_probability"]), pair => Assert.Equal(pair.First, MathF.Exp(pair.Second), 1e-5f));
        Assert.Equal(Metric.TargetLogit, Result.Metric);
        Assert.Contains("Score kl: KL divergence from the clean run, 0 in the corrupt run, 1 in the clean run", Sweep("--metric", "kl").Success(), StringComparison.Ordinal);
        Assert.Contains("kl (nats): KL divergence from the clean run; ", Sweep("--metric", "kl", "--raw").Success(), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_right_and_wrong_answers_are_measured_together()
    {
        var output = Sweep("--also-right", "82", "--also-wrong", "5", "--also-wrong", "6", "--metric", "logit_diff,logit_diff.lse").Success();
        Assert.Contains("targets     clean 157 and 82, corrupt 3 and 5 and 6\n", output, StringComparison.Ordinal);
        Assert.Equal([157, 82], Result.Pair.CleanTargets.Select(target => target.Id));
        Assert.Equal([3, 5, 6], Result.Pair.CorruptTargets.Select(target => target.Id));
        Assert.Contains("takes an id where the prompts are ids, and 'x' is none", Sweep("--also-right", "x").Failure(2), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_metric_is_wrong_usage() => Assert.Contains("or several with commas between", Sweep("--metric", "kl,entropy").Failure(2), StringComparison.Ordinal);

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
    public void A_noise_result_says_what_it_was_noised_with_and_doesnt_call_it_corrupt()
    {
        var output = Sweep("--source", "noise", "--noise-samples", "2", "--noise-std", "1.5", "--seed", "7").Success();
        var noise = Result.Noise!;
        Assert.Equal((1.5, 2, 7), (noise.StandardDeviation, noise.Samples, noise.Seed));
        Assert.Equal([4, 5], noise.Positions!);
        Assert.Contains("noised run  ", output, StringComparison.Ordinal);
        Assert.Contains(" noised\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("corrupt run", output, StringComparison.Ordinal);
        Assert.Contains("at positions 4, 5, mean of 2 samples, seed 7", output, StringComparison.Ordinal);
        Assert.Contains("0 in the noised run", File.ReadAllText(folder.File("a.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_over_all_layers_is_wrong_usage() => // of three
        Assert.StartsWith("A window of 99 layers patches all 3 layers in every cell", Sweep("--window", "99").Failure(2), StringComparison.Ordinal);

    [Fact]
    public void A_mean_pattern_over_prompts_of_other_lengths_is_wrong_usage()
    {
        File.WriteAllText(folder.File("p.json"), """
            { "pairs": [
              { "name": "a", "clean": { "text": "Q: Which of", "target": " Isaac" }, "corrupt": { "text": "Q: Which the", "target": " Michael" } },
              { "name": "b", "clean": "Q: Which", "corrupt": "Q: of" } ] }
            """);
        var run = CliRun.Of("sweep", "--prompts", folder.File("p.json"), "--pair", "a", "--source", "mean", "--site", "pattern", "--no-html");
        Assert.StartsWith("A pattern has no mean over positions", run.Failure(2), StringComparison.Ordinal);
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
