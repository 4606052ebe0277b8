using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PatchKernel.Studies;
using PatchKernel.Tables;

namespace PatchKernel.Tests.Experiments.Studies;

/// <summary>The page on studies, and the README's part on them, say what is there.</summary>
public sealed partial class StudyPageTests
{
    private static readonly string Page = File.ReadAllText(TestData.InRepository("docs", "studies.md"));

    [Fact]
    public void Its_study_is_the_file_that_it_names() => Assert.True(JsonNode.DeepEquals(
        JsonNode.Parse(Block().Match(Page).Groups[1].Value), JsonNode.Parse(File.ReadAllText(TestData.InRepository("data", "experiment.json")))));

    [Fact]
    public void It_names_every_field_and_every_column()
    {
        string[] columns =
        [
            .. ResultColumns.Of(windows: true).Select(column => column.Name), .. PairColumns.Of([], []).Select(column => column.Name),
            "by", "group", "pairs", "mean", "standard_error", "low", "high", "mean_value",
        ];
        Assert.All(StudyReader.Fields.Concat(columns), name => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal));
        Assert.All(SummaryColumns.All, column => Assert.Contains(column.Name, columns));
    }

    [Fact]
    public void The_README_s_pair_and_study_are_read()
    {
        using var folder = new TemporaryFolder();
        var readme = File.ReadAllText(TestData.InRepository("README.md"));
        var blocks = Block().Matches(readme[readme.IndexOf("## Many pairs", StringComparison.Ordinal)..]).Take(2).Select(block => block.Groups[1].Value).ToArray();
        File.WriteAllText(folder.File("pairs.jsonl"), blocks[0]);
        File.WriteAllText(folder.File("experiment.json"), blocks[1]);
        var study = Study.Load(folder.File("experiment.json"));
        var (clean, corrupt) = Assert.Single(ExperimentData.Load(study.Data).Rows).Spans["subject"];
        Assert.Equal(("France", "South Korea"), ("The capital of France is"[clean.Start..clean.End], "The capital of South Korea is"[corrupt.Start..corrupt.End]));
    }

    [GeneratedRegex("```json\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
