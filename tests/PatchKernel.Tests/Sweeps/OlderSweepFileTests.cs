using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>Result files of earlier programs, and one that a real model gave.</summary>
public sealed class OlderSweepFileTests : SweepFileTest
{
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
    public void An_older_noise_result_loads_without_its_noise()
    {
        Change(json => json["source"] = "noise");
        Assert.Null(SweepResult.Load(File).Noise);
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

    /// <summary>A file as the first version wrote it.</summary>
    private void FirstVersion(Action<JsonObject> change) => Change(json =>
    {
        (json["version"], json["metric"]) = (1, "target_logit");
        json.Remove("metrics");
        foreach (var metric in Metric.Usual) json["values"]!.AsObject().Remove(metric.Name);
        change(json);
    });
}
