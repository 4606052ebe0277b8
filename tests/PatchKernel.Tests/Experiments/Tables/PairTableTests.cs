namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Tables of pairs go into files and come out as they were.</summary>
public sealed class PairTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void Rows_come_back_as_they_were(string name)
    {
        PairRow[] rows =
        [
            SampleTables.Pair,
            .. SampleTables.OddTexts.Select((text, i) => SampleTables.Pair with
            {
                Pair = $"{i}",
                Clean = text,
                Corrupt = text,
                CleanTarget = text,
                CorruptTarget = text,
                CleanBest = text,
                CorruptBest = text,
                Answered = false,
                Columns = new Dictionary<string, string> { ["relation"] = text, ["note"] = text },
                Values = new Dictionary<string, (float, float)> { ["kl"] = (0, float.NaN) },
            }),
        ];
        PairTable.Of(rows).Save(folder.File(name));
        var back = PairTable.Load(folder.File(name));
        Assert.Equal(rows.Select(Said), back.Rows.Select(Said));
        Assert.Equal(["relation", "note"], back.Columns);
        Assert.Equal(["clean_target", "logit_diff", "kl"], back.Values);
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void A_value_whose_column_would_be_taken_keeps_its_name(string name)
    {
        PairTable.Of([SampleTables.Pair with { Values = new Dictionary<string, (float, float)> { ["best"] = (3, 4), ["kl"] = (0, 1) } }]).Save(folder.File(name));
        var back = PairTable.Load(folder.File(name));
        Assert.Equal(["best", "kl"], back.Values);
        Assert.Equal((3f, 4f), back.Rows[0].Values["best"]);
        Assert.Equal(SampleTables.Pair.CleanBest, back.Rows[0].CleanBest);
    }

    [Fact]
    public void The_columns_stand_in_their_order()
    {
        PairTable.Of([SampleTables.Pair]).Save(folder.File("a.csv"));
        Assert.Equal(
            "model,pair,line,relation,clean,corrupt,clean_target,corrupt_target,clean_tokens,corrupt_tokens,clean_best,corrupt_best,answered,left_out,lacks_controls,"
            + "clean_clean_target,corrupt_clean_target,gap_clean_target,clean_logit_diff,corrupt_logit_diff,gap_logit_diff",
            File.ReadLines(folder.File("a.csv")).First());
        Assert.EndsWith(",true,,,12.5,3.25,9.25,4,-0.33333334,4.3333335\n", File.ReadAllText(folder.File("a.csv")));
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void A_further_column_whose_name_is_taken_gets_another_and_keeps_it(string name)
    {
        string[] taken = ["line", "Model", "gap_x", "clean_logit_diff", "answered", "answered_", "a/b.c", "", "clean_x", "corrupt_x", "gap_y"];
        PairTable.Of([SampleTables.Pair with { Columns = taken.ToDictionary(column => column, column => $"the {column}") }]).Save(folder.File(name));
        string[] given = ["line_", "Model_", "gap_x_", "clean_logit_diff_", "answered_", "answered__", "a/b.c", "_", "clean_x", "corrupt_x", "gap_y"];
        for (var again = 0; again < 2; again++)
        {
            var back = PairTable.Load(folder.File(name));
            Assert.Equal(taken.Select(column => $"the {column}"), given.Select(column => back.Rows[0].Columns[column]));
            Assert.Equal(SampleTables.Pair.Values, back.Rows[0].Values);
            Assert.Equal(given, back.Columns);
            back.Save(folder.File(name));
        }
    }

    [Fact]
    public void A_table_says_how_many_were_answered() =>
        Assert.Equal("pairs: 2 pairs, 1 answered rightly in both runs", PairTable.Of([SampleTables.Pair, SampleTables.Pair with { Answered = false }]).ToString());

    // Dictionaries are equal by reference.
    private static string Said(PairRow row) =>
        $"{row with { Columns = Nothing, Values = NoValues }} {string.Join("|", row.Columns)} {string.Join("|", row.Values)}";

    private static readonly Dictionary<string, string> Nothing = [];
    private static readonly Dictionary<string, (float, float)> NoValues = [];
}
