using PatchKernel.Tests.Notebooks;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Tables in a notebook: data frames, and what a cell shows of them.</summary>
public sealed class FrameTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_data_frame_has_the_columns_with_their_types()
    {
        var frame = ResultTable.Of(SampleTables.Odd).ToDataFrame();
        Assert.Equal(SampleTables.Odd.Length, frame.Rows.Count);
        Assert.Equal(SampleTables.Odd.Select(row => row.Layer), frame.Columns.GetInt32Column("layer").Select(layer => layer!.Value));
        Assert.Equal(SampleTables.Odd.Select(row => row.Pos), frame.Columns.GetInt32Column("pos"));
        Assert.Equal(SampleTables.Odd.Select(row => row.Token), frame.Columns.GetStringColumn("token"));
        Assert.Equal(SampleTables.Odd.Select(row => row.Score), frame.Columns.GetSingleColumn("score"));
        Assert.Equal([true], PairTable.Of([SampleTables.Pair]).ToDataFrame().Columns.GetBooleanColumn("answered").Select(answered => answered!.Value));
        var summary = StudySummary.Of(ResultTable.Of(SampleTables.Study(5, 2, (pair, _, _) => pair)));
        Assert.Equal([2.0, 2, 2, 2], summary.ToDataFrame().Columns.GetDoubleColumn("mean").Select(mean => mean!.Value));
    }

    [Fact]
    public void Tables_show_their_first_rows_as_HTML()
    {
        var html = ResultTable.Of(SampleTables.Odd).ToHtml();
        Assert.Equal(1 + 12, html.Split("<tr>").Length - 1);
        Assert.Contains($"and {SampleTables.Odd.Length - 12} more", html, StringComparison.Ordinal);
        Assert.Contains("say", ResultTable.Of([SampleTables.Row with { Token = "<say>\n&" }]).ToHtml(), StringComparison.Ordinal);
        Assert.Contains("&lt;say&gt; &amp;", ResultTable.Of([SampleTables.Row with { Token = "<say>\n&" }]).ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain("more", PairTable.Of([SampleTables.Pair]).ToHtml(), StringComparison.Ordinal);
        Assert.StartsWith("<div", StudySummary.Of(ResultTable.Of(SampleTables.Study(5, 2, (pair, _, _) => pair))).ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_ends_with_a_data_frame_shows_a_table_in_the_kernel_as_users_have_it()
    {
        ResultTable.Of(SampleTables.Odd).Save(folder.File("results.parquet"));
        using var kernel = await RealKernel.StartAsync(folder.Path);
        Assert.Equal("CommandSucceeded", (string?)(await kernel.SubmitAsync(Setup))["eventType"]);
        var table = await ShownAsync(kernel, "var table = ResultTable.Load(\"results.parquet\");\ntable");
        Assert.Contains("results.parquet: ", table, StringComparison.Ordinal);
        var frame = await ShownAsync(kernel, "table.ToDataFrame()");
        Assert.Contains($"{SampleTables.Odd.Length} rows, 13 columns", frame, StringComparison.Ordinal);
        Assert.Equal(1 + 12, frame.Split("<tr>").Length - 1);
        Assert.Contains("<table", await ShownAsync(kernel, "using Microsoft.Data.Analysis;\nnew DataFrame(new Int32DataFrameColumn(\"a\", new[] { 1, 2 }))"), StringComparison.Ordinal);
        Assert.Single(ChartHtml.FiguresIn(await ShownAsync(kernel, "StudyChart.Heatmap(StudySummary.Of(table), new() { Site = \"resid_post\", Metric = \"logit_diff\", Model = \"mini\" })")));
    }

    private static string Setup =>
        $"#r \"{TestData.InRepository("src", "PatchKernel.Experiments", "bin", Notebooks.Notebook.Configuration, "net10.0", "PatchKernel.Experiments.dll").Replace('\\', '/')}\"\nusing PatchKernel;";

    private static async Task<string> ShownAsync(RealKernel kernel, string code)
    {
        var happened = await kernel.EventAsync(kernel.Submit(code), "ReturnValueProduced", "CommandFailed");
        Assert.True((string?)happened["eventType"] == "ReturnValueProduced", happened.ToJsonString());
        return happened["event"]!["formattedValues"]!.AsArray().Where(value => (string?)value!["mimeType"] == "text/html").Select(value => (string)value!["value"]!).Single();
    }
}
