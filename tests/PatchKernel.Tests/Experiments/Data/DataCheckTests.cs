namespace PatchKernel.Tests.Experiments;

/// <summary>What is said of rows in a model's tokens.</summary>
public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Tokenizer Tokenizer => Tokenizer.Load(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "cases", "bytes")); // a token a byte

    private ExperimentData Load(params string[] rows)
    {
        File.WriteAllText(folder.File("a.csv"), $"clean,corrupt,clean_target,corrupt_target,s\n{string.Join('\n', rows)}\n");
        return ExperimentData.Load(folder.File("a.csv"));
    }

    [Fact]
    public void A_target_of_two_tokens_is_a_warning_and_the_row_stays()
    {
        var data = Load("ab,ac,x,y,", "ab,ac,xz,y,");
        var found = Assert.Single(data.Check(Tokenizer));
        Assert.Equal((3, Severity.Warning), (found.Row.Line, found.Finding.Severity));
        Assert.StartsWith("line 3, warning: The clean target \"xz\" is several tokens", found.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, data.Rows.Count);
    }

    [Fact]
    public void Unequal_lengths_are_an_error_unless_rows_go_by_role()
    {
        var data = Load("abc,ac,x,y,\"[[0, 2], [0, 1]]\"");
        Assert.Contains("The clean prompt has 4 tokens and the corrupt one 3", Assert.Single(data.Check(Tokenizer)).Finding.Message, StringComparison.Ordinal);
        Assert.Empty(data.Check(Tokenizer, [TokenRole.Parse("s.last"), TokenRole.Last]));
        Assert.Contains("s.each", Assert.Single(data.Check(Tokenizer, [TokenRole.Parse("s.each")])).Finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_role_that_a_row_lacks_is_an_error_of_that_row()
    {
        var data = Load("ab,ac,x,y,\"[[0, 1], [0, 1]]\"", "ab,ac,x,y,");
        var found = data.Check(Tokenizer, [TokenRole.Parse("s.last"), TokenRole.Parse("s.first"), TokenRole.Last]).ToList();
        Assert.Equal([3, 3], found.Select(each => each.Row.Line));
        Assert.All(found, each => Assert.Equal(Severity.Error, each.Finding.Severity));
        Assert.Contains("The role s.last needs the span 's', and a prompt has no spans", found[0].Finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_a_vocabulary_cant_spell_is_an_error_with_the_line()
    {
        File.WriteAllText(folder.File("a.jsonl"), """{"clean": "A Xylophone is", "corrupt": "A b is", "clean_target": " a", "corrupt_target": " b"}""");
        var data = ExperimentData.Load(folder.File("a.jsonl"));
        var mini = Tokenizer.Load(TestData.InRepository("models", "mini"));
        Assert.Equal(Severity.Error, Assert.Single(data.Check(mini)).Finding.Severity);
        Assert.StartsWith("Line 1: ", Assert.Throws<PatchKernelException>(() => data.Rows[0].In(mini)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_in_tokens_has_its_name_spans_and_targets()
    {
        var pair = Load("xab,xac,x,y,\"[[1, 3], [2, 3]]\"").Rows[0].In(Tokenizer);
        Assert.Equal(("row-2", new TokenSpan(2, 4), new TokenSpan(3, 4)), (pair.Name, pair.Clean.Spans["s"], pair.Corrupt.Spans["s"]));
    }
}
