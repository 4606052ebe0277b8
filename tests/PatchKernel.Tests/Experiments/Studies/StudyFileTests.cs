using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Experiments.Studies;

/// <summary>Studies as files: <c>experiment.json</c>, and what takes the place of its fields.</summary>
public sealed class StudyFileTests : IDisposable
{
    private const string Full = """
        {
          "$schema": "experiment.schema.json", "version": 1, "model": ["one", "org/two"],
          "data": { "file": "pairs.csv", "skip": 2, "limit": 5, "sample": 7, "split": "held-out=0.25", "only_answered": true, "skip_bad": true },
          "sites": ["resid_pre", "z"], "positions": ["subject.last", "last", "3:4"], "directions": ["noising", "denoising"],
          "sources": ["other", "zero", { "name": "mean", "prompts": 4 }, { "name": "noise", "std": 2.5, "samples": 3 }],
          "windows": [1, 3], "metrics": ["kl", "match"], "controls": ["shuffled", "random"], "dtype": "bfloat16", "device": "cuda:1", "seed": 11, "verify": 2, "unit": 6
        }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private Study Read(string json, JsonObject? overrides = null)
    {
        File.WriteAllText(folder.File("experiment.json"), json);
        return Study.Load(folder.File("experiment.json"), overrides);
    }

    private string Refusal(string json, JsonObject? overrides = null) => Assert.Throws<PatchKernelException>(() => Read(json, overrides)).Message;

    private static string With(string fields) => $$"""{ "model": "m", "data": "d.csv", {{fields}} }""";

    [Fact]
    public void Every_field_is_read()
    {
        var study = Read(Full);
        Assert.Equal(["one", "org/two"], study.Models);
        Assert.Equal(folder.File("pairs.csv"), study.Data);
        Assert.Equal(new DataSelection { Skip = 2, Limit = 5, Sample = 7, Split = ("held-out", 0.25), SkipBad = true, Seed = 11 }, study.Selection);
        Assert.True(study.OnlyAnswered);
        Assert.Equal([Activation.ResidPre, Activation.Z], study.Sites);
        Assert.Equal(["subject.last", "last", "3:4"], study.Roles!.Select(role => role.Name));
        Assert.Equal([Direction.Noising, Direction.Denoising], study.Directions);
        Assert.Equal(
            [StudySource.Other, new("zero"), new("mean") { Prompts = 4 }, new("noise") { StandardDeviation = 2.5, Samples = 3 }], study.Sources);
        Assert.Equal([1, 3], study.Windows);
        Assert.Equal([Metric.Kl, Metric.Match], study.Metrics);
        Assert.Equal([StudyControl.Shuffled, StudyControl.Random], study.Controls);
        Assert.Equal(("bfloat16", "cuda:1", 11, 2, 6), (study.Dtype, study.Device, study.Seed, study.Verify, study.Unit));
        Assert.Null(study.Positions);
    }

    [Fact]
    public void Everything_but_model_and_data_has_a_default()
    {
        var study = Read("""{ "model": "m", "data": "d.csv" }""");
        Assert.Equal(("m", folder.File("d.csv")), (Assert.Single(study.Models), study.Data));
        Assert.Equal(new DataSelection(), study.Selection);
        Assert.Equal([Activation.ResidPost], study.Sites);
        Assert.Equal([Direction.Denoising], study.Directions);
        Assert.Equal([StudySource.Other], study.Sources);
        Assert.Equal([1], study.Windows);
        Assert.Equal([Metric.TargetLogit, Metric.LogitDiff], study.Metrics);
        Assert.Equal((null, null, null, null, null), (study.Roles, study.Positions, study.Controls, study.Verify, study.Unit));
        Assert.Equal(("float32", "auto", 0, false), (study.Dtype, study.Device, study.Seed, study.OnlyAnswered));
        Assert.Empty(study.ControlsRun);
        Assert.Equal([StudyControl.Random, StudyControl.Shuffled], Read(With("\"positions\": \"last\"")).ControlsRun);
        Assert.Equal([StudyControl.Random], Read(With("\"positions\": \"last\", \"sources\": [\"zero\"]")).ControlsRun); // nothing to put another pair's run in the place of
        Assert.Equal(Positions.All, Read(With("\"positions\": \"all\", \"sites\": [\"z\"]")).Positions);
        Assert.Equal(["subject.last", "last"], Read(With("\"positions\": \"subject.last, last\"")).Roles!.Select(role => role.Name));
    }

    [Fact]
    public void Paths_are_relative_to_the_file_and_those_of_overrides_to_the_current_folder()
    {
        Directory.CreateDirectory(folder.File("models/mini"));
        var study = Read("""{ "model": ["models/mini", "org/name"], "data": "../d.csv" }""");
        Assert.Equal([folder.File("models/mini"), "org/name"], study.Models); // what isn't there is a name on the hub
        Assert.Equal(Path.GetFullPath("../d.csv", folder.Path), study.Data);
        study = Read("""{ "model": "models/mini", "data": "../d.csv" }""", new() { ["data"] = new JsonObject { ["file"] = "e.csv" }, ["model"] = "models/mini" });
        Assert.Equal(("models/mini", Path.GetFullPath("e.csv")), (study.Models[0], study.Data));
    }

    [Fact]
    public void Overrides_take_the_place_of_single_fields()
    {
        var study = Read(Full, new() { ["sites"] = new JsonArray("mlp_out"), ["data"] = new JsonObject { ["limit"] = 2 }, ["seed"] = 3, ["controls"] = new JsonArray() });
        Assert.Equal([Activation.MlpOut], study.Sites);
        Assert.Equal(new DataSelection { Skip = 2, Limit = 2, Sample = 7, Split = ("held-out", 0.25), SkipBad = true, Seed = 3 }, study.Selection);
        Assert.Equal(folder.File("pairs.csv"), study.Data);
        Assert.Empty(study.ControlsRun);
        Assert.Equal(3, Read("""{ "model": "m", "data": "d.csv" }""", new() { ["data"] = new JsonObject { ["limit"] = 3 } }).Selection.Limit);
        Assert.Contains("modle is no field of a study (is model meant?)", Refusal(Full, new() { ["modle"] = "m" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "data": "d.csv" }""", "it has no model")]
    [InlineData("""{ "model": "m" }""", "names no data file")]
    [InlineData("""{ "model": "m", "data": { "limit": 3 } }""", "names no data file")]
    [InlineData("""{ "model": [], "data": "d.csv" }""", "A study needs a model")]
    [InlineData("""{ "model": ["m", "m"], "data": "d.csv" }""", "names the model m twice")]
    [InlineData("""{ "model": 3, "data": "d.csv" }""", "model is 3 where a text belongs")]
    [InlineData("""{ "model": "m", "data": ["d.csv"] }""", "data is [\"d.csv\"] where a text belongs")]
    [InlineData("""["model"]""", "isn't a JSON object")]
    [InlineData("""{ "model": "m", "model": "n", "data": "d" }""", "isn't valid JSON at line 1")]
    [InlineData("""{ "version": 2, "modle": 1 }""", "study file version 2 is newer than this program's 1; update PatchKernel")]
    [InlineData("""{ "version": "1", "model": "m", "data": "d" }""", "version is \"1\" where a whole number")]
    public void A_file_that_is_no_study_says_why(string json, string message) => Assert.Contains(message, Refusal(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"site\": \"z\"", "experiment.json, line 1, column 42: site is no field of a study (is sites meant?)")]
    [InlineData("\"elephants\": 3", "elephants is no field of a study (there are model, data, sites")]
    [InlineData("\"sites\": []", "A study needs a site")]
    [InlineData("\"sites\": [\"z\", \"z\"]", "names the site z twice")]
    [InlineData("\"sites\": [\"zz\"]", "There is no site 'zz'; choose from resid_pre")]
    [InlineData("\"sites\": [\"embed\"]", "There is no site 'embed'; choose from resid_pre")]
    [InlineData("\"sites\": {}", "sites is {} where a text belongs")]
    [InlineData("\"positions\": [\"subject.middle\"]", "There is no role 'subject.middle'")]
    [InlineData("\"positions\": []", "A sweep by roles needs at least one")]
    [InlineData("\"positions\": [\"last\", \"last\"]", "The role last is named twice")]
    [InlineData("\"positions\": [\"last\", \"random\"], \"controls\": []", "A study's tables call the control of a random position 'random', so no role can be called that; write random.each")]
    [InlineData("\"positions\": \"all\"", "A sweep of resid_post goes position by position")]
    [InlineData("\"directions\": [\"sideways\"]", "There is no 'sideways'; choose from denoising, noising")]
    [InlineData("\"directions\": [\"noising\", \"Noising\"]", "names the direction noising twice")]
    [InlineData("\"directions\": [\"1\"]", "There is no '1'")]
    [InlineData("\"sources\": []", "A study needs a source")]
    [InlineData("\"sources\": [\"ones\"]", "There is no source 'ones'; choose from other, zero, mean, noise")]
    [InlineData("\"sources\": [\"noise\", { \"name\": \"noise\", \"std\": 1 }]", "names the source noise twice")]
    [InlineData("\"sources\": [{ \"std\": 1 }]", "it has no sources[0].name")]
    [InlineData("\"sources\": [{ \"name\": \"noise\", \"sd\": 1 }]", "sources[0].sd is no field of a study (is std meant?)")]
    [InlineData("\"sources\": [{ \"name\": \"noise\", \"std\": 0 }]", "sources[0].std is 0 where a number above 0 belongs")]
    [InlineData("\"sources\": [{ \"name\": \"noise\", \"samples\": 1001 }]", "where a whole number from 1 to 1000 belongs")]
    [InlineData("\"sources\": [{ \"name\": \"other\", \"std\": 3 }]", "sources[0].std is no field of a study (there are name)")]
    [InlineData("\"sources\": [{ \"name\": \"mean\", \"samples\": 3 }]", "sources[0].samples is no field of a study")]
    [InlineData("\"sources\": [{ \"name\": \"noise\", \"prompts\": 3 }]", "sources[0].prompts is no field of a study")]
    [InlineData("\"windows\": []", "A study needs a window")]
    [InlineData("\"windows\": [2]", "A window of 2 layers has no middle")]
    [InlineData("\"windows\": [3, 3]", "names the window 3 twice")]
    [InlineData("\"windows\": [1.5]", "windows[0] is 1.5 where a whole number")]
    [InlineData("\"metrics\": []", "There is no metric")]
    [InlineData("\"metrics\": [\"logitdiff\"]", "logit_diff")]
    [InlineData("\"controls\": [\"random\"]", "a study of all positions has every one already")]
    [InlineData("\"positions\": \"last\", \"controls\": [\"random\", \"random\"]", "names the control random twice")]
    [InlineData("\"controls\": [\"shuffled\"], \"sources\": [\"zero\"]", "no source takes that; leave it out, or add the source other")]
    [InlineData("\"seed\": \"1\"", "seed is \"1\" where a whole number belongs")]
    [InlineData("\"verify\": -1", "verify is -1 where a whole number from 0")]
    [InlineData("\"unit\": 0", "unit is 0 where a whole number from 1")]
    [InlineData("\"dtype\": 16", "dtype is 16 where a text belongs")]
    public void A_field_that_can_t_be_used_says_why(string fields, string message)
    {
        var refusal = Refusal(With(fields));
        Assert.Contains(message, refusal, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("..", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"flie\": \"d.csv\"", "data.flie is no field of a study (is file meant?)")]
    [InlineData("\"file\": \"d\", \"limit\": 0", "data.limit is 0 where a whole number from 1")]
    [InlineData("\"file\": \"d\", \"sample\": \"all\"", "data.sample is \"all\" where")]
    [InlineData("\"file\": \"d\", \"skip_bad\": \"yes\"", "data.skip_bad is \"yes\" where true or false belongs")]
    [InlineData("\"file\": \"d\", \"only_answered\": 1", "data.only_answered is 1 where true or false belongs")]
    [InlineData("\"file\": \"d\", \"split\": \"held-out\"", "data.split is \"held-out\" where a name and a share")]
    [InlineData("\"file\": \"d\", \"split\": \"a=1\"", "data.split is \"a=1\" where a name and a share")]
    [InlineData("\"file\": \"d\", \"split\": \"=0.5\"", "data.split is \"=0.5\" where a name and a share")]
    [InlineData("\"file\": \"d\", \"split\": 0.5", "data.split is 0.5 where a text belongs")]
    public void So_does_one_of_data(string fields, string message) => Assert.Contains(message, Refusal($$"""{ "model": "m", "data": { {{fields}} } }"""), StringComparison.Ordinal);

    [Fact]
    public void A_file_may_begin_with_a_mark_and_a_folder_is_none()
    {
        File.WriteAllBytes(folder.File("experiment.json"), [0xEF, 0xBB, 0xBF, .. """{ "model": "m", "data": "d" }"""u8]);
        Assert.Equal("m", Study.Load(folder.File("experiment.json")).Models[0]);
        Assert.Contains("there is no such file", Assert.Throws<PatchKernelException>(() => Study.Load(folder.File("none.json"))).Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, Assert.Throws<PatchKernelException>(() => Study.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_in_code_is_checked_the_same_way()
    {
        var study = new Study { Models = ["m"], Data = "d.csv" };
        study.Check();
        Assert.Contains("A unit of 0 pairs", Assert.Throws<PatchKernelException>((study with { Unit = 0 }).Check).Message, StringComparison.Ordinal);
        Assert.Contains("needs a model", Assert.Throws<PatchKernelException>((study with { Models = [] }).Check).Message, StringComparison.Ordinal);
        Assert.Contains("There is no source 'ones'", Assert.Throws<PatchKernelException>((study with { Sources = [new("ones")] }).Check).Message, StringComparison.Ordinal);
        Assert.Contains("by roles or by positions", Assert.Throws<PatchKernelException>((study with { Roles = [TokenRole.Last], Positions = Positions.Each }).Check).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 1000 samples", Assert.Throws<PatchKernelException>((study with { Sources = [new("noise") { Samples = 0 }] }).Check).Message, StringComparison.Ordinal);
        Assert.Contains("at least one prompt", Assert.Throws<PatchKernelException>((study with { Sources = [new("mean") { Prompts = 0 }] }).Check).Message, StringComparison.Ordinal);
        Assert.Contains("-1 cells can't be verified", Assert.Throws<PatchKernelException>((study with { Verify = -1 }).Check).Message, StringComparison.Ordinal);
    }
}
