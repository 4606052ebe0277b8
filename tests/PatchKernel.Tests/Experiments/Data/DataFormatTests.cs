using System.Security.Cryptography;
using System.Text;

namespace PatchKernel.Tests.Experiments;

/// <summary>What is read out of each format.</summary>
public sealed class DataFormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Write(string name, string content)
    {
        File.WriteAllText(folder.File(name), content);
        return folder.File(name);
    }

    private ExperimentData Load(string name, string content) => ExperimentData.Load(Write(name, content));

    [Fact]
    public void A_studys_144_pairs_load_as_they_are()
    {
        var path = TestData.Golden("oracle", "study", "pairs.jsonl");
        var data = ExperimentData.Load(path);
        Assert.Equal((144, 144, 0), (data.Rows.Count, data.Total, data.Skipped.Count));
        Assert.Equal(["relation"], data.Columns);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), data.Hash);
        Assert.Equal(Enumerable.Range(1, 144), data.Rows.Select(row => row.Line));
        Assert.All(data.Rows.GroupBy(row => row.Columns["relation"]), relation => Assert.Equal(36, relation.Count()));
        var row = data.Rows[2];
        Assert.Equal(("capital-002", "The capital of the Netherlands is", " Edinburgh"), (row.Name, row.Clean, row.CorruptTargets.Single()));
        Assert.Equal((new TextRange(15, 30), new TextRange(15, 23)), row.Spans["subject"]);
    }

    [Fact]
    public void Thirtyone_of_them_are_of_unequal_length_and_have_the_subjects_last_token()
    {
        var data = ExperimentData.Load(TestData.Golden("oracle", "study", "pairs.jsonl"));
        var tokenizer = Tokenizer.Load(TestData.SmolLM2());
        Assert.Equal(31, data.Rows.Select(row => row.In(tokenizer)).Count(pair => pair.Clean.Length != pair.Corrupt.Length));
        Assert.Equal(31, data.Check(tokenizer).Count(found => found.Finding.Severity == Severity.Error));
        Assert.DoesNotContain(data.Check(tokenizer, [TokenRole.Parse("subject.last"), TokenRole.Last]), found => found.Finding.Severity == Severity.Error);
    }

    [Theory]
    [InlineData("a.csv", "id,relation,clean,corrupt,clean_target,corrupt_target,subject\nx,capital,The capital of Fränce is,The capital of Spain is, Paris, Madrid,\"[[15, 21], [15, 20]]\"\n")]
    [InlineData("a.csv", "id;relation;clean;corrupt;clean_target;corrupt_target;subject\r\nx;capital;The capital of Fränce is;The capital of Spain is; Paris; Madrid;[[15, 21], [15, 20]]\r\n")]
    [InlineData("a.txt", "relation,\"id\",\"corrupt\",\"clean\",corrupt_target,clean_target,subject\rcapital,x,\"The capital of Spain is\",\"The capital of Fränce is\",\" Madrid\",\" Paris\",\"[[15,21],[15,20]]\"")]
    [InlineData("a.tsv", "id\trelation\tclean\tcorrupt\tclean_target\tcorrupt_target\tsubject\nx\tcapital\tThe capital of Fränce is\tThe capital of Spain is\t Paris\t Madrid\t[[15, 21], [15, 20]]\n")]
    [InlineData("a.jsonl", "{\"id\":\"x\",\"relation\":\"capital\",\"clean\":\"The capital of Fränce is\",\"corrupt\":\"The capital of Spain is\",\"clean_target\":\" Paris\",\"corrupt_target\":\" Madrid\",\"subject\":[[15,21],[15,20]]}")]
    [InlineData("a.json", "\n{\"id\":\"x\",\"relation\":\"capital\",\"clean\":\"The capital of Fr\\u00e4nce is\",\"corrupt\":\"The capital of Spain is\",\"clean_target\":[\" Paris\"],\"corrupt_targets\":[\" Madrid\"],\"subject\":[[15,21],[15,20]]}\n\n")]
    [InlineData("a.csv", "id,relation,template,clean_subject,corrupt_subject,clean_target,corrupt_target\nx,capital,The capital of {subject} is,Fränce,Spain, Paris, Madrid\n")]
    public void Every_format_gives_the_same_row(string name, string content)
    {
        foreach (var text in new[] { content, "\uFEFF" + content }) // with and without a byte order mark
        {
            var row = Assert.Single(Load(name, text).Rows);
            Assert.Equal(("x", "The capital of Fränce is", "The capital of Spain is"), (row.Name, row.Clean, row.Corrupt));
            Assert.Equal((" Paris", " Madrid"), (row.CleanTargets.Single(), row.CorruptTargets.Single()));
            Assert.Equal((new TextRange(15, 21), new TextRange(15, 20)), Assert.Single(row.Spans, span => span.Key == "subject").Value);
            Assert.Equal("capital", row.Columns["relation"]);
        }
    }

    [Fact]
    public void A_row_without_an_id_is_called_by_its_line_and_a_field_may_go_over_several()
    {
        var data = Load("a.csv", "clean,corrupt,clean_target,corrupt_target\r\n\"a\r\n\"\"b\"\", c\",d, x, y\r\n\r\ne,f, x, y\r\n");
        Assert.Equal([("row-2", 2, "a\r\n\"b\", c"), ("row-5", 5, "e")], data.Rows.Select(row => (row.Name, row.Line, row.Clean)));
    }

    [Fact]
    public void Further_columns_are_kept_as_text_and_every_row_has_all_of_them()
    {
        var data = Load("a.jsonl", """
            {"name": 7, "clean": "a", "corrupt": "b", "clean_target": " x", "corrupt_target": " y", "n": 1.50, "ok": true, "none": null}
            {"id": "z", "name": "Zoe", "clean": "c", "corrupt": "d", "clean_targets": [" x", " w"], "corrupt_target": " y", "tags": ["p", 2], "point": [1, 2]}
            """);
        Assert.Equal(["n", "ok", "none", "name", "tags", "point"], data.Columns);
        Assert.Equal(["7", "z"], data.Rows.Select(row => row.Name));
        Assert.Equal(["1.50", "true", "", "", "", ""], data.Columns.Select(column => data.Rows[0].Columns[column]));
        Assert.Equal(["", "", "", "Zoe", "[\"p\", 2]", "[1, 2]"], data.Columns.Select(column => data.Rows[1].Columns[column]));
        Assert.Equal([" x", " w"], data.Rows[1].CleanTargets);
        Assert.Empty(data.Rows[1].Spans);
    }

    [Fact]
    public void A_list_of_no_spans_doesn_t_make_its_column_one_of_texts()
    {
        var rows = Load("a.jsonl", """
            {"clean": "ab", "corrupt": "bb", "clean_target": " x", "corrupt_target": " y", "options": [ ]}
            {"clean": "cd", "corrupt": "dd", "clean_target": " x", "corrupt_target": " y", "options": [[[0, 1], [0, 1]]]}
            {"clean": "ef", "corrupt": "ff", "clean_target": " x", "corrupt_target": " y", "options": []}
            """).Rows;
        Assert.Equal(["", "options[0]", ""], rows.Select(row => string.Join(' ', row.Spans.Keys)));
    }

    [Fact]
    public void Several_targets_and_spans_in_a_table_are_lists_as_JSON_writes_them()
    {
        var row = Load("a.csv", """
            clean,corrupt,clean_targets,corrupt_target,options,subject
            one or two,one or six,"["" a"", "" b""]","[""x""]","[[[0, 3], [0, 3]], [[7, 10], [7, 10]]]",
            """).Rows.Single();
        Assert.Equal([" a", " b"], row.CleanTargets);
        Assert.Equal(["[\"x\"]"], row.CorruptTargets); // one target is taken as it stands
        Assert.Equal(["options[0]", "options[1]"], row.Spans.Keys);
        Assert.Equal(new TextRange(7, 10), row.Spans["options[1]"].Corrupt);
    }

    [Fact]
    public void Ranges_count_an_emoji_as_one()
    {
        var row = Load("a.jsonl", """{"clean": "😀 ab", "corrupt": "😀😀", "clean_target": " x", "corrupt_target": " y", "s": [[2, 4], [1, 2]]}""").Rows.Single();
        Assert.Equal((new TextRange(2, 4), new TextRange(1, 2)), row.Spans["s"]);
    }

    [Fact]
    public void The_shipped_prompts_are_rows_with_subject_and_options_as_spans()
    {
        var data = ExperimentData.Load(TestData.InRepository("data", "prompts.json"));
        var book = PromptBook.Load(TestData.InRepository("data", "prompts.json"));
        Assert.Equal(book.Pairs.Select(pair => (pair.Name, pair.CleanText, pair.CorruptText)), data.Rows.Select(row => (row.Name, row.Clean, row.Corrupt)));
        var lines = File.ReadAllLines(data.Path);
        Assert.All(data.Rows, row => Assert.Contains($"\"name\": \"{row.Name}\"", string.Concat(lines[row.Line - 1], lines[row.Line]), StringComparison.Ordinal));
        var einstein = data.Rows[0];
        Assert.Equal(["subject", "options[0]", "options[1]", "options[2]"], einstein.Spans.Keys);
        Assert.Equal(("Albert Einstein", "Taylor Swift"), (Part(einstein.Clean, einstein.Spans["subject"].Clean), Part(einstein.Corrupt, einstein.Spans["subject"].Corrupt)));
        Assert.Equal(("Isaac Newton", "Isaac Newton"), (Part(einstein.Clean, einstein.Spans["options[1]"].Clean), Part(einstein.Corrupt, einstein.Spans["options[1]"].Corrupt)));

        static string Part(string text, TextRange range) => text[range.Start..range.End];
    }

    [Fact]
    public void Ten_thousand_rows_are_read_in_a_moment_and_in_little_memory()
    {
        var lines = new StringBuilder("clean,corrupt,clean_target,corrupt_target,subject,n\n");
        for (var i = 0; i < 10_000; i++) lines.Append($"The capital of Land {i} is,The capital of Stadt {i} is, x, y,\"[[15, 19], [15, 20]]\",{i}\n");
        var path = Write("a.csv", lines.ToString());
        ExperimentData.Load(path, new DataSelection { Limit = 1 }); // compiled
        var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), System.Diagnostics.Stopwatch.StartNew());
        var data = ExperimentData.Load(path);
        Assert.Equal((10_000, "9999"), (data.Rows.Count, data.Rows[^1].Columns["n"]));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Fact]
    public void What_it_prints_names_file_rows_and_columns() => Assert.Equal(
        $"{folder.File("a.csv")}: 1 row; columns relation", Load("a.csv", "clean,corrupt,clean_target,corrupt_target,relation\na,b,c,d,e\n").ToString());
}
