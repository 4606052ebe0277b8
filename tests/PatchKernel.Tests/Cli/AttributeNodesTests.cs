namespace PatchKernel.Tests.Cli;

/// <summary><c>attribute --site</c>: estimates of a sweep's cells, from the options to the files.</summary>
public sealed class AttributeNodesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private CliRun Attribute(params string[] options) => CliRun.Of(["attribute", .. CliRun.TinyPair, "--device", "cpu", "--html", folder.File("a.html"), "--json", folder.File("s.json"), .. options]);

    private SweepResult Result => SweepResult.Load(folder.File("s.json"));

    private static PromptPair Pair => PromptPair.FromIds([1, 201, 75, 60, 137, 59, 66, 16, 95, 46], [1, 201, 75, 60, 156, 70, 66, 16, 95, 46], 157, 3);

    [Fact]
    public void Cells_are_the_library_s_and_say_how_far_they_are_from_the_truth()
    {
        var output = Attribute("--site", "z", "--check", "12", "--seed", "2", "--agreement", folder.File("b.html"), "--image", folder.File("a.png")).Success();
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        var expected = Sweep.Run(model, Pair, new() { Site = Activation.Z, Method = SweepMethod.Atp, Metric = Metric.LogitDiff, Seed = 2, Estimate = new() { Check = 12 } });
        Near.Equal(expected.Raw(Metric.LogitDiff), Result.Raw(Metric.LogitDiff), 1e-5f, "cells");
        Assert.Equal(("atp", "gradient at the corrupt run", 6, 6), (Result.Method, Result.Conventions, Result.Checked!.Largest.Count, Result.Checked.Sample.Count));
        Assert.Equal(expected.Checked!.Sample, Result.Checked.Sample);
        Assert.Contains("An estimate by atp: gradient at the corrupt run", output, StringComparison.Ordinal);
        Assert.Matches(@"Checked, in logits: the 6 largest, against the exact effect: Pearson -?[0-9.]+, Spearman -?[0-9.]+, same sign [0-9]+ of 6, worst miss [+-][0-9.]+ at layer \d, head \d", output.ReplaceLineEndings(" "));
        Assert.Contains("estimate = exact", File.ReadAllText(folder.File("b.html")), StringComparison.Ordinal);
        Assert.Contains("estimated by atp", File.ReadAllText(folder.File("a.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("a.png")));
    }

    [Fact]
    public void Every_convention_is_an_option()
    {
        _ = Attribute("--site", "k", "--method", "ig", "--steps", "3", "--points", "from-one", "--fix", "qk,grad-drop", "--direction", "noising", "--metric", "kl,logit_diff", "--check", "0", "--window", "3", "--raw").Success();
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        var expected = Sweep.Run(model, Pair, new()
        {
            Site = Activation.K,
            Method = SweepMethod.Ig,
            Metrics = [Metric.Kl, Metric.LogitDiff],
            Direction = Direction.Noising,
            Window = 3,
            Estimate = new() { Steps = 3, Points = PathPoints.FromOne, Fixes = EstimateFixes.Softmax | EstimateFixes.GradDrop, Check = 0 },
        });
        Assert.Equal(expected.Conventions, Result.Conventions);
        Near.Equal(expected.Raw(Metric.Kl), Result.Raw(Metric.Kl), 1e-5f, "cells");
        Assert.Null(Result.Checked);
        Assert.Equal(["kl", "logit_diff"], Result.Metrics.Select(metric => metric.Name));
    }

    [Fact]
    public void Roles_and_noise_are_estimated_too()
    {
        _ = Attribute("--site", "resid_pre", "--positions", "4:4+5:5,last", "--source", "noise", "--noise-samples", "2", "--seed", "5").Success();
        Assert.Equal(("layer role", 2, 5), (string.Join(' ', Result.Axes), Result.Noise!.Samples, Result.Noise.Seed));
    }

    [Fact]
    public void Rows_of_a_data_file_are_averaged()
    {
        var output = CliRun.Of("attribute", "--site", "resid_post", "--data", TestData.InRepository("data", "prompts.json"), "--model", TestData.InRepository("models", "mini"), "--device", "cpu", "--limit", "3", "--skip-bad",
            "--html", folder.File("a.html"), "--check", "4").Success();
        Assert.Contains("An estimate by atp: gradient at the corrupt run", output, StringComparison.Ordinal);
        Assert.Contains("against the exact effect", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--at is for edges; leave it out, or leave out --site", "--site", "z", "--at", "clean")]
    [InlineData("--eap-ig is for edges", "--site", "z", "--eap-ig", "x.json")]
    [InlineData("--top is for edges", "--site", "z", "--top", "3")]
    [InlineData("--edges and --site don't go together", "--site", "z", "--edges")]
    [InlineData("--method eap is for edges; with --site there are atp and ig", "--site", "z", "--method", "eap")]
    [InlineData("--site with --method exact is what `patchkernel sweep` does", "--site", "z", "--method", "exact")]
    [InlineData("--method atp goes with --site", "--method", "atp")]
    [InlineData("--window goes with --site", "--window", "3")]
    [InlineData("--fix goes with --site", "--edges", "--fix", "qk")]
    [InlineData("--steps goes with --method ig", "--site", "z", "--steps", "3")]
    [InlineData("--points goes with --method ig", "--site", "z", "--points", "from-one")]
    [InlineData("--fix has no 'x'; choose qk, grad-drop, or both", "--site", "q", "--fix", "qk,x")]
    [InlineData("The fix qk is for the sites q and k", "--site", "z", "--fix", "qk")]
    [InlineData("zeros come from no run", "--site", "z", "--method", "ig", "--source", "zero")]
    [InlineData("a mean comes from no run", "--site", "z", "--method", "ig", "--source", "mean")]
    [InlineData("--seed goes with --check, --source noise or --sample", "--site", "z", "--check", "0", "--seed", "3")]
    [InlineData("--agreement draws what --check computes", "--site", "z", "--check", "0", "--agreement", "x.html")]
    [InlineData("--noise-std goes with --source noise", "--site", "z", "--noise-std", "2")]
    [InlineData("--metric names several, and edges are measured by one", "--metric", "kl,logit_diff")]
    public void Options_that_don_t_go_together_are_wrong_usage(string why, params string[] args) =>
        Assert.Contains(why, CliRun.Of(["attribute", .. args]).Failure(2), StringComparison.Ordinal);

    [Fact]
    public void Prompts_of_unequal_length_have_no_path_and_that_is_said_before_weights_are_read()
    {
        string[] unequal = ["attribute", "--model", CliRun.Tiny, "--device", "cpu", "--clean-ids", "1,2,3,4", "--corrupt-ids", "1,5,4", "--target-ids", "157,3", "--site", "z", "--positions", "last", "--html", folder.File("a.html")];
        Assert.Contains("so that there is a path between their embeddings, and these have 4 and 3 tokens; take atp", CliRun.Of([.. unequal, "--method", "ig"]).Failure(), StringComparison.Ordinal);
        CliRun.Of(unequal).Well();
    }
}
