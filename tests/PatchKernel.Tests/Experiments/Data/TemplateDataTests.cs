namespace PatchKernel.Tests.Experiments;

/// <summary>Rows that are templates and what stands in them.</summary>
public sealed class TemplateDataTests : IDisposable
{
    private const string Head = "template,clean_subject,corrupt_subject,options,clean_target,corrupt_target\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private DataRow Row(string content, string name = "a.csv")
    {
        File.WriteAllText(folder.File(name), content);
        return ExperimentData.Load(folder.File(name)).Rows.Single();
    }

    private string Refusal(string content, string name = "a.csv") => Assert.Throws<PatchKernelException>(() => Row(content, name)).Message;

    [Fact]
    public void Places_are_filled_by_side_or_for_both_and_are_spans()
    {
        var row = Row(Head + """
            "Who is like {subject}? {options}. As {subject}:",Émile,Zoë,"[""Bo"", ""Al""]", x, y
            """);
        Assert.Equal(("Who is like Émile? Bo, Al. As Émile:", "Who is like Zoë? Bo, Al. As Zoë:"), (row.Clean, row.Corrupt));
        Assert.Equal(["subject", "options[0]", "options[1]", "subject[1]"], row.Spans.Keys);
        foreach (var (name, (clean, corrupt)) in new[] { ("subject", ("Émile", "Zoë")), ("options[0]", ("Bo", "Bo")), ("options[1]", ("Al", "Al")), ("subject[1]", ("Émile", "Zoë")) })
            Assert.Equal((clean, corrupt), (row.Clean[row.Spans[name].Clean.Start..row.Spans[name].Clean.End], row.Corrupt[row.Spans[name].Corrupt.Start..row.Spans[name].Corrupt.End]));
        Assert.Equal("Émile", row.Columns["clean_subject"]); // nothing is lost
        Assert.Contains("{subject}", row.Columns["template"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_filler_that_reads_like_a_place_stays_as_it_is_and_other_braces_are_text() =>
        Assert.Equal("{\"a\": 1} { y } {x} is", Row(Head.Replace(",options", "", StringComparison.Ordinal) + "\"{\"\"a\"\": 1} { y } {subject} is\",{x},y, 1, 2\n").Clean);

    [Fact]
    public void JSON_lines_have_lists_as_they_are() => Assert.Equal("b or a, c", Row(
        """{"template": "{x} or {y}", "clean_x": "b", "corrupt_x": "d", "y": ["a", "c"], "clean_target": " x", "corrupt_target": " y"}""", "a.jsonl").Clean);

    [Theory]
    [InlineData("no place,a,b,c, x, y", "the template has no place, such as {subject}")]
    [InlineData("A {subjct} is,a,b,c, x, y", "nothing stands at the template's {subjct}; give 'clean_subjct' and 'corrupt_subjct', or 'subjct' for both")]
    [InlineData("A {{subject}} is,a,b,c, x, y", "the template has {{subject}}; write a place in single braces")]
    [InlineData("A { subject } of {options} is,a,b,c, x, y", "the template has { subject }, which blanks make text; write the place as {subject}")]
    [InlineData("A {subject } of {options} is,a,b,c, x, y", "the template has {subject }, which blanks")]
    [InlineData("A {subject} is,a,,c, x, y", "'corrupt_subject' is empty")]
    [InlineData("A {subject} is,a,a,c, x, y", "are the same text")]
    [InlineData("A {options} is,a,b,\"['x', 'y']\", x, y", "'options' is no list of texts; write it as JSON does")]
    [InlineData("A {last} is,a,b,c, x, y", "nothing stands at the template's {last}")]
    public void What_is_missing_or_written_otherwise_is_told(string row, string why)
    {
        var refusal = Refusal(Head + row + "\n");
        Assert.StartsWith($"{folder.File("a.csv")}, line 2: ", refusal, StringComparison.Ordinal);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"template\": \"{x} a\", \"x\": \"b\", \"clean_x\": \"c\", \"corrupt_x\": \"d\"", "'x' is for both prompts, and there is 'clean_x' too")]
    [InlineData("\"template\": \"{x} a\", \"corrupt_x\": \"d\"", "it has no 'clean_x'")]
    [InlineData("\"template\": \"{x} a\", \"x\": \"b\", \"clean\": \"c\"", "it has a 'template' and whole prompts too")]
    [InlineData("\"template\": \"{last} a\", \"clean_last\": \"b\", \"corrupt_last\": \"c\"", "A span can't be called 'last'")]
    [InlineData("\"template\": \"{x} a\", \"clean_x\": \"b\", \"corrupt_x\": \"c\", \"x\": [[0, 1], [0, 1]]", "'x' is for both prompts")]
    public void Ambiguous_rows_are_refused(string fields, string why) =>
        Assert.Contains(why, Refusal($$"""{{{fields}}, "clean_target": " x", "corrupt_target": " y"}""", "a.jsonl"), StringComparison.Ordinal);
}
