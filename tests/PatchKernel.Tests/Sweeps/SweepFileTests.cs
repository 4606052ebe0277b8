using System.Text.Json.Nodes;
using CsCheck;

namespace PatchKernel.Tests;

/// <summary>What a result file holds, and that it comes back.</summary>
public sealed class SweepFileTests : SweepFileTest
{
    [Fact]
    public void A_result_comes_back_bit_for_bit() => RandomResults.Any.Sample(result =>
    {
        result.Save(File);
        Same(result, SweepResult.Load(File));
    }, iter: 200, threads: 1);

    [Fact]
    public void The_file_has_the_documented_keys()
    {
        SampleResults.Small().Save(File);
        var json = Saved();
        Assert.Equal(
            ["format", "version", "model", "pair", "site", "direction", "metrics", "method", "clean", "corrupt", "targets", "runs", "axes", "shape", "values",
                "window", "source"],
            json.Select(member => member.Key));
        Assert.Equal("patchkernel/sweep", (string?)json["format"]);
        Assert.Equal(2, (int)json["version"]!);
        Assert.Equal("""{"name":"mini","layers":7,"heads":4,"dtype":"float32"}""", Compact(json["model"]));
        Assert.Equal("resid_post denoising naive", $"{json["site"]} {json["direction"]} {json["method"]}");
        Assert.Equal(
            """[{"name":"target_logit","description":"logit of the clean target","unit":"logits","clean_is":"higher","clean":10,"corrupt":6},"""
            + """{"name":"logit_diff","description":"logit difference of the clean and the corrupt target","unit":"logits","clean_is":"higher","clean":5,"corrupt":-2}]""",
            Compact(json["metrics"]));
        Assert.Equal("""{"clean":{"id":3,"text":" Isaac"},"corrupt":{"id":4,"text":" Michael"}}""", Compact(json["targets"]));
        Assert.Equal("""{"clean_target":10,"corrupt_target":5,"best":[]}""", Compact(json["runs"]!["clean"]));
        Assert.Equal("""["layer","pos"]""", Compact(json["axes"]));
        Assert.Equal("[7,8]", Compact(json["shape"]));
        Assert.Equal(["clean_target", "corrupt_target", "target_logit", "logit_diff", "normalised_score"], json["values"]!.AsObject().Select(member => member.Key));
        Assert.Equal(SampleResults.Small().NormalisedScore, json["values"]!["normalised_score"]!.AsArray().Select(value => (float)value!));
    }

    [Fact]
    public void The_best_tokens_probabilities_come_back()
    {
        var result = SampleResults.Small();
        var run = new RunSummary(10, 5, [new(3, " Isaac", 10)]) { LogSumExp = 10.5f };
        (result with { CleanRun = run }).Save(File);
        var (clean, corrupt) = (SweepResult.Load(File).CleanRun, SweepResult.Load(File).CorruptRun);
        Assert.Equal(MathF.Exp(-0.5f), clean.Prediction.Best[0].Probability);
        Assert.Null(corrupt.LogSumExp);
    }

    [Fact]
    public void Texts_are_null_where_only_ids_were_given()
    {
        SampleResults.Small(idsOnly: true).Save(File);
        var json = Saved();
        Assert.True(json.ContainsKey("pair") && json["pair"] is null);
        Assert.Equal("""{"text":null,"ids":[0,11,12,13,13,14,15,16],"tokens":null}""", Compact(json["clean"]));
        Assert.Equal("""{"id":3,"text":null}""", Compact(json["targets"]!["clean"]));
    }

    [Fact]
    public void A_target_s_whole_answer_comes_back_and_a_file_without_one_loads()
    {
        var result = SampleResults.Small();
        var pair = result.Pair with { CleanTarget = result.Pair.CleanTarget with { Answer = " Isaac Newton" } };
        (result with { Pair = pair }).Save(File);
        Assert.Equal("""{"clean":{"id":3,"text":" Isaac","answer":" Isaac Newton"},"corrupt":{"id":4,"text":" Michael"}}""", Compact(Saved()["targets"]));
        var loaded = SweepResult.Load(File).Pair;
        Assert.Equal((pair.CleanTarget, pair.CorruptTarget), (loaded.CleanTarget, loaded.CorruptTarget));
        Assert.Null(loaded.CorruptTarget.Answer);
    }

    [Fact]
    public void Unknown_keys_are_ignored_and_further_values_are_kept()
    {
        SampleResults.Small().Save(File);
        var json = Saved();
        json["note"] = new JsonObject { ["by"] = "somebody" };
        json["values"]!["probability"] = new JsonArray([.. Enumerable.Range(0, 56).Select(i => (JsonNode)(i / 64f))]);
        json["values"]!["comment"] = "not numbers";
        json["values"]!["by_head"] = new JsonArray(1, 2, 3);
        Write(json);
        var result = SweepResult.Load(File);
        Assert.Equal(["clean_target", "corrupt_target", "logit_diff", "normalised_score", "probability", "target_logit"], result.Values.Keys.Order());
        Assert.Equal(0.5f, result.Values["probability"][32]);
    }

    [Fact]
    public void Somebodys_own_metric_comes_back_with_all_that_a_chart_needs()
    {
        using var model = RandomModel.Create();
        var own = new Metric("top_two", "gap of the two best logits", m => m.Logits.Tensor.amax([1]) - m.AtClean(m.Logits)) { Unit = "logits", CleanIs = CleanIs.Lower };
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [own, Metric.Kl] });
        result.Save(File);
        var loaded = SweepResult.Load(File);
        Assert.Equal(("top_two", "gap of the two best logits", "logits", CleanIs.Lower), (loaded.Metric.Name, loaded.Metric.Description, loaded.Metric.Unit, loaded.Metric.CleanIs));
        Assert.Equal(Metric.Kl, loaded.Metrics[1]);
        Assert.Equal(result.Raw(own), loaded.Raw(loaded.Metric));
        Assert.Equal(result.Scores(own), loaded.Scores(loaded.Metric));
        Assert.Equal(result.Scores(Metric.Kl), loaded.Scores(Metric.Kl));
        Assert.Equal((result.CleanRun.Of(own), result.CorruptRun.Of(own)), (loaded.CleanRun.Of(own), loaded.CorruptRun.Of(own)));
        Assert.Contains("Score top_two: gap of the two best logits", Heatmap.Draw(loaded).Caption[1], StringComparison.Ordinal);
        Assert.Contains(
            "make the metric anew", Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metric = loaded.Metric })).Message, StringComparison.Ordinal);
        loaded.Save(folder.File("again.json"));
        Assert.Equal(System.IO.File.ReadAllBytes(File), System.IO.File.ReadAllBytes(folder.File("again.json")));
    }

    [Fact]
    public void Several_right_and_wrong_answers_come_back()
    {
        var result = SampleResults.Small();
        var pair = result.Pair with { CleanTargets = [new(3, " Isaac"), new Target(7, " Al") { Answer = " Albert", Ids = [7, 8] }] };
        (result with { Pair = pair }).Save(File);
        Assert.Equal("""[{"id":3,"text":" Isaac"},{"id":7,"text":" Al","answer":" Albert","ids":[7,8]}]""", Compact(Saved()["targets"]!["clean"]));
        Assert.Equal(pair.CleanTargets, SweepResult.Load(File).Pair.CleanTargets);
        Assert.Equal(pair.CorruptTargets, SweepResult.Load(File).Pair.CorruptTargets);
    }

    [Fact]
    public void A_noise_results_noise_comes_back_and_is_told()
    {
        var result = SampleResults.Small() with { Source = "noise", Noise = new PatchSource.Noise(2.5, 7, -3, [4, 5]) };
        result.Save(File);
        Assert.Equal("""{"standard_deviation":2.5,"samples":7,"seed":-3,"positions":[4,5]}""", Compact(Saved()["noise"]));
        var loaded = SweepResult.Load(File);
        Assert.Equal((2.5, 7, -3), (loaded.Noise!.StandardDeviation, loaded.Noise.Samples, loaded.Noise.Seed));
        Assert.Equal([4, 5], loaded.Noise.Positions!);
        const string told = "2.5 × the embeddings' standard deviation at positions 4, 5, mean of 7 samples, seed -3";
        Assert.Contains(told, loaded.ToString(), StringComparison.Ordinal);
        var caption = string.Join('\n', Heatmap.Draw(loaded).Caption);
        Assert.Contains($"Noised: {told}", caption, StringComparison.Ordinal);
        Assert.Contains("0 in the noised run, 1 in the clean run", caption, StringComparison.Ordinal);
        Assert.DoesNotContain("corrupt", caption, StringComparison.Ordinal);
    }

    private static void Same(SweepResult expected, SweepResult actual)
    {
        Assert.Equal(expected.Model, actual.Model);
        Assert.Equal(expected.Pair.Name, actual.Pair.Name);
        Assert.Equal((expected.Pair.CleanTarget, expected.Pair.CorruptTarget), (actual.Pair.CleanTarget, actual.Pair.CorruptTarget));
        foreach (var (a, b) in new[] { (expected.Pair.Clean, actual.Pair.Clean), (expected.Pair.Corrupt, actual.Pair.Corrupt) })
        {
            Assert.Equal(a.Text, b.Text);
            Assert.Equal(a.Ids, b.Ids);
            Assert.Equal(a.Tokens, b.Tokens);
        }
        Assert.Equal(
            (expected.Site, expected.Direction, expected.Method), (actual.Site, actual.Direction, actual.Method));
        Assert.Equal(expected.Metrics, actual.Metrics);
        Assert.Equal(expected.Pair.CleanTargets, actual.Pair.CleanTargets);
        foreach (var (a, b) in new[] { (expected.CleanRun, actual.CleanRun), (expected.CorruptRun, actual.CorruptRun) })
        {
            Assert.Equal(LogitBits(a), LogitBits(b));
            Assert.Equal(Bits([.. a.Values.OrderBy(entry => entry.Key).Select(entry => entry.Value)]), Bits([.. b.Values.OrderBy(entry => entry.Key).Select(entry => entry.Value)]));
            Assert.Equal(a.Best.Select(token => (token.Id, token.Text)), b.Best.Select(token => (token.Id, token.Text)));
        }
        Assert.Equal(expected.Axes, actual.Axes);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Values.Keys.Order(), actual.Values.Keys.Order());
        foreach (var name in expected.Values.Keys) Assert.Equal(Bits(expected.Values[name]), Bits(actual.Values[name]));
    }

    // Equality of floats takes −0 for 0.
    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    private static int[] LogitBits(RunSummary run) => Bits([run.CleanTarget, run.CorruptTarget, .. run.Best.Select(token => token.Logit)]);

    private static string Compact(JsonNode? node) => node!.ToJsonString();
}
