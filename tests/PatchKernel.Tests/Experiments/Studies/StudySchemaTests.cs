using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using PatchKernel.Studies;

namespace PatchKernel.Tests.Experiments.Studies;

/// <summary>The schema of <c>experiment.json</c> says what the reader reads.</summary>
public sealed class StudySchemaTests : IDisposable
{
    private static readonly string Place = TestData.InRepository("data", "experiment.schema.json");

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Good =>
    [
        """{ "model": "m", "data": "d.csv" }""",
        """{ "$schema": "s", "version": 1, "model": ["m", "n"], "data": { "file": "d", "skip": 0, "limit": 1, "sample": 2, "split": "a=0.5", "only_answered": true, "skip_bad": false } }""",
        """{ "model": "m", "data": "d", "sites": ["z", "pattern"], "positions": "all", "directions": "noising", "sources": "zero", "windows": 3, "metrics": "kl", "controls": [] }""",
        """{ "model": "m", "data": "d", "positions": ["subject.last", "last"], "sources": ["other", { "name": "noise", "std": 1.5, "samples": 2 }, { "name": "mean", "prompts": 3 }], "controls": ["random"] }""",
        """{ "model": "m", "data": "d", "directions": ["noising", "denoising"], "windows": [1, 5], "metrics": ["kl", "match"], "dtype": "float16", "device": "cuda:1", "seed": -3, "verify": 0, "unit": 4 }""",
    ];

    public static TheoryData<string> Bad =>
    [
        """{ "model": "m" }""",
        """{ "model": [], "data": "d" }""",
        """{ "version": 2, "model": "m", "data": "d" }""",
        """{ "model": "m", "data": { "limit": 1 } }""",
        """{ "model": "m", "data": { "file": "d", "limit": 0 } }""",
        """{ "model": "m", "data": { "file": "d", "split": "a=2" } }""",
        """{ "model": "m", "data": "d", "modle": "m" }""",
        """{ "model": "m", "data": "d", "sites": ["zz"] }""",
        """{ "model": "m", "data": "d", "sources": [{ "std": 1 }] }""",
        """{ "model": "m", "data": "d", "sources": [{ "name": "noise", "std": 0 }] }""",
        """{ "model": "m", "data": "d", "windows": [0] }""",
        """{ "model": "m", "data": "d", "seed": 1.5 }""",
        """{ "model": "m", "data": "d", "verify": -1 }""",
    ];

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Good))]
    public async Task A_study_that_is_read_follows_it(string json)
    {
        File.WriteAllText(folder.File("a.json"), json);
        _ = Study.Load(folder.File("a.json"));
        Assert.Empty((await Schema()).Validate(json));
    }

    [Theory, MemberData(nameof(Bad))]
    public async Task One_that_is_refused_does_not(string json)
    {
        File.WriteAllText(folder.File("a.json"), json);
        Assert.Throws<PatchKernelException>(() => Study.Load(folder.File("a.json")));
        Assert.NotEmpty((await Schema()).Validate(json));
    }

    [Fact]
    public void It_has_the_readers_fields_and_words()
    {
        var root = JsonNode.Parse(File.ReadAllText(Place))!;
        var properties = root["properties"]!.AsObject();
        Assert.Equal(StudyReader.Fields.Order(), properties.Select(field => field.Key).Except(["$schema", "version"]).Order());
        Assert.Equal(StudyReader.DataFields, properties["data"]!["anyOf"]![1]!["properties"]!.AsObject().Select(field => field.Key));
        Assert.Equal(Sweep.Sites.Select(ActivationNames.Name).Order(), Words(properties["sites"]).Order());
        Assert.Equal(Enum.GetNames<Direction>().Select(name => name.ToLowerInvariant()).Order(), Words(properties["directions"]).Order());
        Assert.Equal(Enum.GetNames<StudyControl>().Select(name => name.ToLowerInvariant()).Order(), Words(properties["controls"]).Order());
        Assert.Equal(StudySource.Names, root["definitions"]!["source"]!["anyOf"]![0]!["enum"].Deserialize<string[]>()!);
        Assert.Equal(StudyReader.Version, (int)properties["version"]!["enum"]![0]!);

        static string[] Words(JsonNode? field) => field!["anyOf"]![1]!["items"]!["enum"].Deserialize<string[]>()!;
    }

    [Fact]
    public async Task What_a_study_s_folder_records_follows_it_too()
    {
        var content = StudyContent.Of(new Study { Models = ["m"], Data = "d", Roles = [TokenRole.Last], Sources = [StudySource.Other, new("noise"), new("mean")] });
        content["data"]!["file"] = "d";
        foreach (var (field, _) in content.Where(field => field.Value is null).ToList()) content.Remove(field);
        foreach (var (field, _) in content["data"]!.AsObject().Where(field => field.Value is null).ToList()) content["data"]!.AsObject().Remove(field);
        Assert.Empty((await Schema()).Validate(content.ToJsonString()));
    }

    private static Task<JsonSchema> Schema() => JsonSchema.FromFileAsync(Place, TestContext.Current.CancellationToken);
}
