using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>Result files that can't be read or written: each is refused in one sentence.</summary>
public sealed class SweepFileRefusalTests : SweepFileTest
{
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
    [InlineData("{ \"a\": NaN }", "column 8: JSON has no NaN")]
    [InlineData("{ \"a\": -Infinity }", "column 9: JSON has no NaN and no Infinity")]
    [InlineData("{ \"a\": None }", "column 8: 'N' can't stand there")]
    [InlineData("{ \"a\": \"x\ny\" }", "a text has a line break")]
    [InlineData("{ \"é\": 1, \"é\": 2 }", "column 11: the key 'é' stands there for the second time")]
    public void What_isnt_JSON_is_told_in_our_own_words(string content, string why)
    {
        System.IO.File.WriteAllText(File, content);
        Assert.Contains(why, Refusal(), StringComparison.Ordinal);
        foreach (var foreign in new[] { "isFinalBlock", "LineNumber", "BytePosition", "options", "Expected" }) Assert.DoesNotContain(foreign, Refusal(), StringComparison.Ordinal);
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
}
