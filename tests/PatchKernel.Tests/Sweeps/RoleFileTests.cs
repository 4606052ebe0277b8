using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Result files of sweeps by role.</summary>
public sealed class RoleFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => folder.File("result.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Places_and_spans_come_back()
    {
        var result = SampleResults.Roles();
        result.Save(Path);
        var loaded = SweepResult.Load(Path);
        Assert.Equal(result.Places!.Select(Told), loaded.Places!.Select(Told));
        Assert.Equal(result.Pair.Clean.Spans, loaded.Pair.Clean.Spans);
        Assert.Equal(new TokenSpan(3, 7), loaded.Pair.Corrupt.Spans["subject"]);
        Assert.Equal(result.NormalisedScore, loaded.NormalisedScore);
        Assert.Equal(result.ToString(), loaded.ToString());
        Assert.Equal(result.ToJson(), loaded.ToJson());

        static string Told(RolePlace place) => $"{place.Role} {string.Join(' ', place.Clean)} / {string.Join(' ', place.Corrupt)} {place.IsMean}";
    }

    [Fact]
    public void The_file_names_each_place_and_span()
    {
        SampleResults.Roles().Save(Path);
        var json = Saved();
        Assert.Equal("""{"role":"subject.mean","clean":[3,4],"corrupt":[3,4,5,6],"is_mean":true}""", json["places"]![1]!.ToJsonString());
        Assert.Equal("""{"role":"1:2+2:1","clean":[1,2],"corrupt":[2,1],"is_mean":false}""", json["places"]![5]!.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("""{"subject":[3,5],"object":[6,8]}""", json["clean"]!["spans"]!.ToJsonString());
    }

    [Fact]
    public void A_file_without_them_has_none()
    {
        SampleResults.Small().Save(Path);
        Assert.False(Saved().ContainsKey("places") || Saved()["clean"]!.AsObject().ContainsKey("spans"));
        var loaded = SweepResult.Load(Path);
        Assert.Null(loaded.Places);
        Assert.Empty(loaded.Pair.Clean.Spans);
    }

    [Fact]
    public void A_grid_of_one_s_own_may_call_an_axis_role()
    {
        var own = SampleResults.Roles() with { Places = null, Site = null };
        own.Save(Path);
        Assert.Null(SweepResult.Load(Path).Places);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], Heatmap.Draw(SweepResult.Load(Path)).RowLabels);
    }

    [Theory]
    [InlineData("places", "[]", "places has 0 entries, but the grid has 7 roles")]
    [InlineData("axes", """["layer","head"]""", "it has places but no axis role")]
    [InlineData("places.0.clean", "[8]", "places[0].clean has position 8, and the prompt has 8 tokens")]
    [InlineData("places.0.corrupt", "[10]", "places[0].corrupt has position 10, and the prompt has 10 tokens")]
    [InlineData("places.0.clean", "[]", "places[0].clean has no position")]
    [InlineData("places.0.clean", "[-1]", "places[0].clean[0] is -1 where a whole number from 0 to 2147483647 belongs")]
    [InlineData("places.0.clean", "[1,2]", "places[0] has 2 positions in the clean prompt and 1 in the corrupt one, and is no mean")]
    [InlineData("places.0.role", "3", "places[0].role is 3 where a text belongs")]
    [InlineData("places.0.is_mean", "1", "places[0].is_mean is 1 where true or false belongs")]
    [InlineData("places.0", "null", "places[0]")]
    [InlineData("clean.spans.subject", "[3,9]", "clean.spans.subject is [3,9] where a first position and the one behind the last, of 8 tokens, belongs")]
    [InlineData("clean.spans.subject", "[3,3]", "clean.spans.subject is [3,3] where")]
    [InlineData("clean.spans.subject", "[3]", "clean.spans.subject is [3] where")]
    [InlineData("clean.spans", "[]", "clean.spans is [] where an object belongs")]
    public void What_doesn_t_fit_is_one_sentence(string key, string value, string sentence)
    {
        SampleResults.Roles().Save(Path);
        var json = Saved();
        var keys = key.Split('.');
        JsonNode part = keys[..^1].Aggregate((JsonNode)json, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
        if (part is JsonArray array) array[int.Parse(keys[^1], null)] = JsonNode.Parse(value);
        else part[keys[^1]] = JsonNode.Parse(value);
        File.WriteAllText(Path, json.ToJsonString());
        var error = Assert.Throws<PatchKernelException>(() => SweepResult.Load(Path));
        Assert.StartsWith($"The result file '{Path}' can't be used: {sentence}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private JsonObject Saved() => JsonNode.Parse(File.ReadAllText(Path))!.AsObject();
}
