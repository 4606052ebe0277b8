namespace PatchKernel.Tests.Experiments;

/// <summary>The examples of the page on data files load, and say what it says.</summary>
public sealed class DataPageTests
{
    [Fact]
    public void Every_example_file_loads_with_the_spans_that_the_page_names()
    {
        using var folder = new TemporaryFolder();
        // Fenced blocks of JSON, and those of no language, which are tables.
        var blocks = File.ReadAllText(TestData.InRepository("docs", "data.md")).ReplaceLineEndings("\n").Split("\n```").Where((_, i) => i % 2 == 1).Select(block => block.Split('\n', 2));
        string[] examples = [.. blocks.Where(block => block[0] is "" or "json").Select(block => block[1])];
        DataRow[] rows = [.. examples.Select(Load)];
        Assert.Equal([["subject"], ["subject"], ["subject", "options[0]", "options[1]"]], rows.Select(row => row.Spans.Keys));
        Assert.Equal(["France", "France", "Albert Einstein"], rows.Select(row => row.Clean[row.Spans["subject"].Clean.Start..row.Spans["subject"].Clean.End]));
        Assert.Equal(["South Korea", "South Korea", "Taylor Swift"], rows.Select(row => row.Corrupt[row.Spans["subject"].Corrupt.Start..row.Spans["subject"].Corrupt.End]));

        DataRow Load(string example)
        {
            File.WriteAllText(folder.File("example"), example);
            return Assert.Single(ExperimentData.Load(folder.File("example")).Rows);
        }
    }
}
