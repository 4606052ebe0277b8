using System.Text.Json.Nodes;
using CsCheck;

namespace PatchKernel.Tests;

public sealed class SweepFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string File => folder.File("result.json");

    public void Dispose() => folder.Dispose();

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
    public void A_newer_version_is_refused_by_name()
    {
        Change(json => json["version"] = 3);
        Assert.Equal($"'{File}': result file version 3 is newer than this program's 2; update PatchKernel.", Refusal());
    }

    [Theory]
    [InlineData("""{"format": "other"}""")]
    [InlineData("""{"format": 1}""", "format is 1 where a text belongs")]
    [InlineData("""{}""")]
    [InlineData("""[]""", "isn't a JSON object")]
    public void Another_format_is_refused(string content, string why = "is not a result file")
    {
        System.IO.File.WriteAllText(File, content);
        Assert.Contains(why, Refusal());
    }

    [Fact]
    public void Broken_JSON_is_placed()
    {
        System.IO.File.WriteAllText(File, "{\n  \"format\": \"patchkernel/sweep\",\n  \"version\": 1x\n}");
        Assert.StartsWith($"'{File}' isn't valid JSON at line 3, column 15: ", Refusal());
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_refused()
    {
        SampleResults.Small().Save(File);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < bytes.Length - 2; length += 97)
        {
            System.IO.File.WriteAllBytes(File, bytes[..length]);
            Assert.Contains("isn't valid JSON", Refusal());
        }
    }

    [Theory]
    [InlineData("version")]
    [InlineData("model.dtype")]
    [InlineData("pair")]
    [InlineData("clean.tokens")]
    [InlineData("targets.corrupt.id")]
    [InlineData("runs.clean.best")]
    [InlineData("shape")]
    [InlineData("metrics")]
    [InlineData("values.corrupt_target")]
    public void A_missing_key_is_named(string key)
    {
        var path = key.Split('.');
        Change(json => path[..^1].Aggregate((JsonNode)json, (node, name) => node[name]!).AsObject().Remove(path[^1]));
        Assert.Equal($"The result file '{File}' can't be used: it has no {key}.", Refusal());
    }

    [Theory]
    [InlineData("version", "0", "version is 0 where 1 or more belongs")]
    [InlineData("version", "\"1\"", "version is \"1\" where a whole number belongs")]
    [InlineData("model", "3", "model is 3 where an object belongs")]
    [InlineData("shape", "7", "shape is 7 where an array belongs")]
    [InlineData("shape", "[7, 1.5]", "shape[1] is 1.5 where a whole number belongs")]
    [InlineData("shape", "[7, 9]", "values.clean_target has 56 numbers, but the shape 7 × 9 needs 63")]
    [InlineData("shape", "[56]", "has 2 axes but a shape of 1 sizes")]
    [InlineData("shape", "[-7, -8]", "has the shape -7 × -8; every size should be at least 1")]
    [InlineData("shape", "[8, 7]", "the clean prompt has 8 tokens, but the grid has 7 positions")]
    [InlineData("site", "\"resid_pots\"", "There is no activation 'resid_pots'")]
    [InlineData("direction", "\"up\"", "There is no direction 'up'; choose denoising or noising.")]
    [InlineData("metrics", """[{"name": "score"}]""", "it has no metrics[0].description")]
    [InlineData("metrics", """[{"name": "score", "description": "", "unit": "", "clean_is": "up"}]""", "There is no side 'up'; choose higher, lower or neither")]
    [InlineData("metrics", """[{"name": "logit_diff"}, {"name": "kl"}]""", "values.kl is not there, though kl is among the metrics")]
    [InlineData("metrics", """[{"name": "logit_diff"}, {"name": "logit_diff"}]""", "The metric 'logit_diff' is asked for twice")]
    [InlineData("metrics", "[]", "There is no metric")]
    [InlineData("targets", """{"clean": [], "corrupt": {"id": 4, "text": null}}""", "targets.clean is [] where a target belongs")]
    [InlineData("clean", """{"text": null, "ids": [1], "tokens": ["a", "b"]}""", "the clean prompt has 1 ids but 2 tokens")]
    [InlineData("values", """{"clean_target": [1e99]}""", "values.clean_target[0] is 1e99 where a number that fits float32 belongs")]
    public void A_wrong_value_is_named(string key, string value, string why)
    {
        Change(json => json[key] = JsonNode.Parse(value));
        Assert.Contains(why, Refusal());
    }

    [Fact]
    public void A_missing_file_is_one_sentence()
    {
        var message = Refusal();
        Assert.Contains(File, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_JSON_cannot_hold_is_refused_and_nothing_is_written(float bad)
    {
        var result = SampleResults.Small(score: (layer, pos) => layer == 2 && pos == 3 ? bad : 0);
        var error = Assert.Throws<PatchKernelException>(() => result.Save(File));
        Assert.StartsWith("1 of 56 values of clean_target are infinite or not a number", error.Message);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void An_unwritable_path_is_one_sentence() =>
        Assert.StartsWith("Cannot write '", Assert.Throws<PatchKernelException>(() => SampleResults.Small().Save(folder.Path)).Message);

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
    public void A_file_of_the_first_version_shows_the_same()
    {
        var result = SampleResults.Small();
        FirstVersion(json => json["values"]!["probability"] = new JsonArray([.. Enumerable.Range(0, 56).Select(i => (JsonNode)(i / 64f))]));
        var loaded = SweepResult.Load(File);
        Assert.Equal(Heatmap.Draw(result).Caption, Heatmap.Draw(loaded).Caption);
        Assert.Equal(result.NormalisedScore, loaded.NormalisedScore);
        Assert.Equal(["target_logit", "logit_diff", "probability"], loaded.Metrics.Select(metric => metric.Name));
        Assert.Equal(result.By(Metric.LogitDiff).NormalisedScore, loaded.By(Metric.LogitDiff).NormalisedScore);
        Assert.False(loaded.HasScore(Metric.Probability)); // that version stored no run's probability
        Assert.Equal(0.5f, loaded.Raw(Metric.Probability)[32]);
        Assert.Contains("take its own numbers", Assert.Throws<PatchKernelException>(() => loaded.Scores(Metric.Probability)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_stored_result_of_a_real_model_shows_the_same()
    {
        var stored = SweepResult.Load(TestData.InRepository("data", "results", "smollm2-similar.json"));
        Assert.Equal("Score target_logit: logit of \" Isaac\", 0 in the corrupt run, 1 in the clean run", Heatmap.Draw(stored).Caption[1]);
        var gap = stored.CleanRun.CleanTarget - stored.CorruptRun.CleanTarget;
        Near.Equal([.. stored.CleanTarget.Select(logit => (logit - stored.CorruptRun.CleanTarget) / gap)], stored.NormalisedScore, 1e-6f, "scores");
        Near.Equal(stored.NormalisedScore, (stored with { Values = stored.Values.Where(entry => entry.Key != "normalised_score").ToDictionary() }).NormalisedScore, 1e-6f, "made again");
    }

    [Fact]
    public void Somebodys_own_metric_of_the_first_version_has_its_scores_and_is_written_again()
    {
        FirstVersion(json => (json["metric"], json["metric_description"]) = ("sum", "sum of both targets' logits"));
        var loaded = SweepResult.Load(File);
        Assert.Equal(("sum", "sum of both targets' logits"), (loaded.Metric.Name, loaded.Metric.Description));
        Assert.Equal(SampleResults.Small().NormalisedScore, loaded.NormalisedScore);
        Assert.Contains("and not its own numbers", Assert.Throws<PatchKernelException>(() => loaded.Raw(loaded.Metric)).Message, StringComparison.Ordinal);
        loaded.Save(File);
        Assert.Equal(loaded.NormalisedScore, SweepResult.Load(File).NormalisedScore);
        FirstVersion(json => json["metric"] = "score");
        Assert.Contains("There is no metric 'score'", Refusal(), StringComparison.Ordinal);
        FirstVersion(json => json["values"]!.AsObject().Remove("normalised_score"));
        Assert.Contains("it has no values.normalised_score", Refusal(), StringComparison.Ordinal);
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

    [Fact]
    public void An_older_noise_result_loads_without_its_noise()
    {
        Change(json => json["source"] = "noise");
        Assert.Null(SweepResult.Load(File).Noise);
    }

    [Theory]
    [InlineData("standard_deviation", "0", "noise.standard_deviation is 0 where a number above 0 belongs")]
    [InlineData("samples", "0", "noise.samples is 0 where a whole number from 1")]
    [InlineData("positions", "[-1]", "noise.positions[0] is -1 where an id belongs")]
    public void A_noise_that_cant_be_is_named(string key, string value, string why)
    {
        (SampleResults.Small() with { Source = "noise", Noise = new PatchSource.Noise(Positions: [4]) }).Save(File);
        var json = Saved();
        json["noise"]![key] = JsonNode.Parse(value);
        Write(json);
        Assert.Contains(why, Refusal());
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("{ \"a\": 1, }", "column 11: the comma before the end has nothing after it")]
    [InlineData("{ // x\n }", "column 3: JSON has no comments")]
    [InlineData("{ \"a\": [1, 2", "it ends too early")]
    [InlineData("{ \"a\": NaN }", "column 8: 'N' can't stand there")]
    [InlineData("{ \"a\": \"x\ny\" }", "a text has a line break")]
    [InlineData("{ \"é\": 1, \"é\": 2 }", "column 11: the key 'é' stands there for the second time")]
    public void What_isnt_JSON_is_told_in_our_own_words(string content, string why)
    {
        System.IO.File.WriteAllText(File, content);
        Assert.Contains(why, Refusal(), StringComparison.Ordinal);
        foreach (var foreign in new[] { "isFinalBlock", "LineNumber", "BytePosition", "options", "Expected" }) Assert.DoesNotContain(foreign, Refusal(), StringComparison.Ordinal);
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

    private JsonObject Saved() => JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();

    private void Write(JsonObject json) => System.IO.File.WriteAllText(File, json.ToJsonString());

    private void Change(Action<JsonObject> change)
    {
        SampleResults.Small().Save(File);
        var json = Saved();
        change(json);
        Write(json);
    }

    /// <summary>A file as the first version wrote it.</summary>
    private void FirstVersion(Action<JsonObject> change) => Change(json =>
    {
        (json["version"], json["metric"]) = (1, "target_logit");
        json.Remove("metrics");
        foreach (var metric in Metric.Usual) json["values"]!.AsObject().Remove(metric.Name);
        change(json);
    });

    private string Refusal() => Assert.Throws<PatchKernelException>(() => SweepResult.Load(File)).Message;

    private static string Compact(JsonNode? node) => node!.ToJsonString();
}
