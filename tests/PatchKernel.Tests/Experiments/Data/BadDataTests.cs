using System.Text;

namespace PatchKernel.Tests.Experiments;

/// <summary>What is wrong with a data file is told in one sentence with its line.</summary>
public sealed class BadDataTests : IDisposable
{
    private const string Head = "id,clean,corrupt,clean_target,corrupt_target";
    private const string Good = "g,The sky is,The sea is, blue, wet";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(folder.File(name), content);
        return folder.File(name);
    }

    private string Refusal(string name, byte[] content, DataSelection? selection = null)
    {
        var path = Write(name, content);
        var message = Assert.Throws<PatchKernelException>(() => ExperimentData.Load(path, selection)).Message;
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message.Replace(path, "FILE", StringComparison.Ordinal);
    }

    private string Refusal(string name, string content, DataSelection? selection = null) => Refusal(name, Encoding.UTF8.GetBytes(content), selection);

    [Theory]
    [InlineData("b,The sky,The sea, blue", "line 3: it has 4 fields, and there are 5 columns")]
    [InlineData("b,The sky, isn't it,The sea, blue, wet", "line 3: it has 6 fields, and there are 5 columns; put a field with a ',' in it into quotes")]
    [InlineData("b,The \"sky\" is,The sea is, blue, wet", "line 3: a quote stands inside a field")]
    [InlineData("b,\"The\" sky is,The sea is, blue, wet", "line 3: a quote stands inside a field")]
    [InlineData("g,The sky,The sea, blue, wet", "line 3: there is a row 'g' already, on line 2")]
    [InlineData("row-2,The sky,The sky, blue, wet", "line 3: its clean and its corrupt prompt are the same text")]
    [InlineData("b,The sky,The sea, blue, blue", "line 3: \" blue\" is a clean and a corrupt target")]
    [InlineData("b,,The sea, blue, wet", "line 3: 'clean' is empty")]
    [InlineData("b,The sky,The sea,, wet", "line 3: 'clean_target' is empty")]
    [InlineData("b,The sky,The sea, blue,NaN", "line 3: 'corrupt_target' is empty")]
    public void A_bad_row_of_a_table_is_told_and_the_rest_goes_on(string row, string why)
    {
        var content = $"{Head}\n{Good}\n{row}\nz,The sun is,The moon is, hot, cold\n";
        Assert.Contains($"FILE, {why}", Refusal("a.csv", content), StringComparison.Ordinal);
        var data = ExperimentData.Load(folder.File("a.csv"), new DataSelection { SkipBad = true });
        Assert.Equal(["g", "z"], data.Rows.Select(each => each.Name));
        Assert.Equal(3, data.Total);
        Assert.StartsWith(why, Assert.Single(data.Skipped).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_taget\": \" x\", \"corrupt_target\": \" y\"}", "it has no 'clean_target' (is 'clean_taget' meant for it?)")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"", "it isn't a JSON object on one line, at column 77: it ends too early")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"n\": NaN}", "at column 83: JSON has no NaN")]
    [InlineData("{\"clean\": \"c\", \"clean\": \"c\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"}", "the key 'clean' stands there for the second time")]
    [InlineData("[\"c\", \"d\"]", "it isn't a JSON object")]
    [InlineData("{\"clean\": 3, \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"}", "'clean' is 3 where a text in quotes belongs")]
    [InlineData("{\"clean\": null, \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"}", "'clean' is empty")]
    [InlineData("{\"clean\": \"\\ud800\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"}", "a text that isn't valid Unicode")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"clean_targets\": [\" x\"], \"corrupt_target\": \" y\"}", "it has 'clean_target' and 'clean_targets'; give one of them")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_targets\": \" x\", \"corrupt_target\": \" y\"}", "'clean_targets' is no list")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_targets\": [], \"corrupt_target\": \" y\"}", "'clean_targets' is a list with nothing in it")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_targets\": [\" x\", 2], \"corrupt_target\": \" y\"}", "'clean_targets' is no list of texts")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_targets\": [\" x\", \" x\"], \"corrupt_target\": \" y\"}", "the target \" x\" is named twice")]
    [InlineData("{\"clean\": \"c\", \"corrupt\": \"d\", \"clean_targets\": [\" x\", \" y\"], \"corrupt_targets\": [\" z\", \" y\"]}", "\" y\" is a clean and a corrupt target")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"s\": [[0, 2], [0, 2]]}", "the span 's' is 0 to 2 in the corrupt prompt, which has 1 characters")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"s\": [[1, 1], [0, 1]]}", "the span 's' is 1 to 1 in the clean prompt")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"s\": [[-1, 1], [0, 1]]}", "the span 's' is -1 to 1 in the clean prompt")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"s\": [[0, 1]]}", "'s' is [[0, 1]] where clean's and corrupt's range belong")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"s\": [[0, 1], [0, 1.5]]}", "'s' is [[0, 1], [0, 1.5]] where")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"last\": [[0, 1], [0, 1]]}", "A span can't be called 'last'")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"s\": [[[0, 1], [0, 1]]], \"s[0]\": [[0, 1], [0, 1]]}", "there are two spans 's[0]'")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"t\": \"text\"}", "'t' is text, and line 1 has ranges there")]
    [InlineData("{\"clean\": \"cd\", \"corrupt\": \"d\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"u\": [[0, 1], [0, 1]]}", "'u' is [[0, 1], [0, 1]], and line 1 has no ranges there")]
    public void A_bad_line_of_JSON_is_told_and_the_rest_goes_on(string line, string why)
    {
        var content = "{\"id\": \"a\", \"clean\": \"a\", \"corrupt\": \"b\", \"clean_target\": \" x\", \"corrupt_target\": \" y\", \"t\": [[0, 1], [0, 1]], \"u\": \"text\"}\r\n"
            + $"\r\n{line}\r\n" + "{\"id\": \"z\", \"clean\": \"e\", \"corrupt\": \"f\", \"clean_target\": \" x\", \"corrupt_target\": \" y\"}";
        var refusal = Refusal("a.jsonl", content);
        Assert.StartsWith("FILE, line 3: ", refusal, StringComparison.Ordinal);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
        var data = ExperimentData.Load(folder.File("a.jsonl"), new DataSelection { SkipBad = true });
        Assert.Equal(["a", "z"], data.Rows.Select(row => row.Name));
        Assert.Equal((3, 3), (data.Total, Assert.Single(data.Skipped).Line));
    }

    [Theory]
    [InlineData("", "'FILE' has no rows")]
    [InlineData("\uFEFF", "'FILE' has no rows")]
    [InlineData("\n\n", "'FILE' has no rows")]
    [InlineData(Head + "\n", "'FILE' has no rows")]
    [InlineData("id,clean,corrupt,clean_taget,corrupt_target\n" + Good, "FILE, line 1: there is no column 'clean_target' (is 'clean_taget' meant for it?); the columns are 'id', 'clean'")]
    [InlineData("id,Clean,corrupt,clean_target,corrupt_target\n" + Good, "there is no column 'clean' (is 'Clean' meant for it?)")]
    [InlineData("id, clean, corrupt, clean_target, corrupt_target\n" + Good, "the column ' clean' begins with a blank; write none behind a ','")]
    [InlineData("id,clean,clean,clean_target,corrupt_target\n" + Good, "FILE, line 1: there are two columns 'clean'")]
    [InlineData("\"id,clean,corrupt,clean_target,corrupt_target\n" + Good + "\n", "FILE, line 1: a quote is opened and not closed, so all up to line 2 is one row")]
    [InlineData(Head + "\nb,\"The sky is,The sea is, blue, wet\n" + Good + "\n", "FILE, line 2: a quote is opened and not closed, so all up to line 3 is one row")]
    [InlineData("just some words\nand more\n", "there is no column 'clean'")]
    public void A_table_that_cant_be_read_is_told(string content, string why)
    {
        foreach (var skipBad in new[] { false, true })
            if (!skipBad || !why.Contains("line 2: ", StringComparison.Ordinal)) Assert.Contains(why, Refusal("a.csv", content, new DataSelection { SkipBad = skipBad }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_kind_is_told()
    {
        Assert.Contains("'FILE' is text in UTF-16: save it as UTF-8", Refusal("a.csv", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Head)]), StringComparison.Ordinal);
        Assert.Contains("'FILE' is text in UTF-16", Refusal("a.jsonl", [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes("{}")]), StringComparison.Ordinal);
        Assert.Contains("'FILE' isn't text in UTF-8", Refusal("a.csv", Encoding.Unicode.GetBytes(Head)), StringComparison.Ordinal);
        Assert.Contains("export its table as CSV", Refusal("a.csv", "PK\u0003\u0004..."), StringComparison.Ordinal);
        Assert.Contains("is a Parquet file", Refusal("a.parquet", "PAR1..."), StringComparison.Ordinal);
        Assert.Contains("is a gzip archive", Refusal("a.csv", [0x1F, 0x8B, 8, 0]), StringComparison.Ordinal);
        Assert.Contains("is a JSON array; write its objects one a line", Refusal("a.json", "[{\"clean\": \"a\"}]"), StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<PatchKernelException>(() => ExperimentData.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Assert.Throws<PatchKernelException>(() => ExperimentData.Load(folder.File("none.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_arent_text_are_a_bad_row_in_both_formats()
    {
        byte[] bad = [(byte)'d', 0xFF];
        Assert.Contains("FILE, line 2: 'clean' isn't UTF-8 text", Refusal("a.csv", [.. Encoding.UTF8.GetBytes(Head + "\nb,"), .. bad, .. Encoding.UTF8.GetBytes(",c, x, y\n")]), StringComparison.Ordinal);
        Assert.Contains("FILE, line 2: it isn't UTF-8 text at column 13", Refusal("a.jsonl", [.. Encoding.UTF8.GetBytes("\n{\"clean\": \""), .. bad, .. Encoding.UTF8.GetBytes("\"}\n")]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_good_row_is_an_error_that_shows_the_first()
    {
        Assert.Equal("'FILE' has 2 rows and none is good; line 2: it has 1 field, and there are 5 columns; put a field with a ',' in it into quotes.",
            Refusal("a.csv", $"{Head}\na\nb\n", new DataSelection { SkipBad = true }));
    }

    [Fact]
    public void Bad_pairs_of_a_prompts_file_are_bad_rows_and_a_broken_file_is_an_error()
    {
        const string Pairs = "{ \"pairs\": [\n{ \"name\": \"a\", \"clean\": \"x\", \"corrupt\": \"y\" },\n{ \"name\": \"b\",\n\"clean\": {\"text\": \"x\", \"target\": \" t\"}, \"corrupt\": {\"text\": \"y\", \"target\": \" u\"} } ] }";
        Assert.Contains("FILE, line 2: it has no targets", Refusal("p.json", Pairs), StringComparison.Ordinal);
        var data = ExperimentData.Load(folder.File("p.json"), new DataSelection { SkipBad = true });
        Assert.Equal(("b", 3, 2), (data.Rows.Single().Name, data.Rows.Single().Line, data.Total));
        foreach (var bad in new[] { "{ \"name\": \"c\", \"clean\": \"x\", \"corrupt\": \"y\", \"colour\": 1 }", "[5]", "5", "\"b\"", "null" })
        {
            // Another row follows, so that lines are those of the pairs.
            var text = Pairs.Replace("[\n{ \"name\": \"a\"", $"[\n{bad},\n{{ \"name\": \"a\"", StringComparison.Ordinal);
            Assert.Contains("line 2, column", Refusal("p.json", text), StringComparison.Ordinal);
            data = ExperimentData.Load(folder.File("p.json"), new DataSelection { SkipBad = true });
            Assert.Equal(("b", 4, 3), (data.Rows.Single().Name, data.Rows.Single().Line, data.Total));
            Assert.Equal([2, 3], data.Skipped.Select(row => row.Line));
        }
        Assert.Contains("line 1, column", Refusal("p.json", Pairs.Replace("\"pairs\"", "\"pears\"", StringComparison.Ordinal), new DataSelection { SkipBad = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_a_file_doesnt_steer_the_terminal() =>
        Assert.DoesNotContain('\u001b', Refusal("a.jsonl", "{\"\\u001b[31m\": 1, \"clean\\u001b\": 2}"));
}
