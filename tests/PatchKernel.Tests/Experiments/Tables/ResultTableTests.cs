using System.Security.Cryptography;
using System.Text;
using CsCheck;
using PatchKernel.Tables;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Tables of results go into files and come out as they were.</summary>
public sealed class ResultTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    [InlineData("A.CSV")]
    public void Rows_come_back_as_they_were(string name)
    {
        ResultTable.Of(SampleTables.Odd).Save(folder.File(name));
        Assert.Equal(SampleTables.Odd, ResultTable.Load(folder.File(name)).Rows);
        Assert.Equal(SampleTables.Odd.Length, ResultTable.Load(folder.File(name)).Count);
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void Any_rows_come_back_as_they_were(string name) => SampleTables.AnyRows.Sample(rows =>
    {
        ResultTable.Of(rows).Save(folder.File(name));
        return ResultTable.Load(folder.File(name)).Rows.SequenceEqual(rows);
    }, iter: 60, threads: 1);

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void A_table_without_rows_has_its_columns(string name)
    {
        ResultTable.Of([]).Save(folder.File(name));
        Assert.Empty(ResultTable.Load(folder.File(name)).Rows);
        Assert.Equal(0, ResultTable.Load(folder.File(name)).Count);
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void Half_a_character_becomes_the_sign_for_a_broken_one(string name)
    {
        ResultTable.Of([SampleTables.Row with { Token = "a\ud800" }]).Save(folder.File(name));
        Assert.Equal("a\uFFFD", Assert.Single(ResultTable.Load(folder.File(name)).Rows).Token);
    }

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void Windows_are_a_column_only_where_there_are_some(string name)
    {
        ResultRow[] rows = [SampleTables.Row, SampleTables.Row with { Window = 5 }];
        ResultTable.Of(rows).Save(folder.File(name));
        Assert.Equal(rows, ResultTable.Load(folder.File(name)).Rows);
        Assert.Equal("window", ColumnsOf(name)[^1]);
        ResultTable.Of([SampleTables.Row]).Save(folder.File(name));
        Assert.Equal(["model", "pair", "site", "direction", "source", "layer", "pos", "token", "role", "head", "metric", "value", "score"], ColumnsOf(name));
    }

    [Fact]
    public void CSV_is_as_RFC_4180_has_it()
    {
        ResultTable.Of([SampleTables.Row with { Token = "say \"it\",\n", Pair = "=1+1", Value = 1e-10f, Score = null, Head = null, Role = "" }]).Save(folder.File("a.csv"));
        Assert.Equal(
            "model,pair,site,direction,source,layer,pos,token,role,head,metric,value,score\n"
            + "mini,=1+1,resid_post,denoising,other,3,14,\"say \"\"it\"\",\n\",\"\",,logit_diff,1E-10,\n",
            Encoding.UTF8.GetString(File.ReadAllBytes(folder.File("a.csv"))));
    }

    // What a process or a machine puts in would be seen on the next one. A new version of the library may have other bytes: then these are renewed.
    [Fact]
    public void The_same_rows_give_the_same_bytes_everywhere()
    {
        ResultTable.Of(SampleTables.Odd).Save(folder.File("a.parquet"));
        ResultTable.Of([.. SampleTables.Odd]).Save(folder.File("b.parquet"));
        var bytes = File.ReadAllBytes(folder.File("a.parquet"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("b.parquet")));
        Assert.Equal("72ACFAFFB20B098E", Convert.ToHexString(SHA256.HashData(bytes))[..16]);
    }

    [Fact]
    public void Columns_are_found_by_name_whatever_their_order_and_whatever_stands_beside_them()
    {
        // As pandas writes a table that it has read: its own numbers first, and whole numbers with a point.
        File.WriteAllText(folder.File("a.csv"),
            "\uFEFF,score,value,metric,pair,model,site,direction,source,layer,pos,relation\r\n0,,inf,kl,p,m,s,d,o,3,14.0,capital\r\n1,0.5,-inf,kl,q,m,s,d,o,4,,capital\r\n");
        Assert.Equal(
            [
                new ResultRow("m", "p", "s", "d", "o", 3, 14, null, null, null, "kl", float.PositiveInfinity, null),
                new ResultRow("m", "q", "s", "d", "o", 4, null, null, null, null, "kl", float.NegativeInfinity, 0.5f),
            ],
            ResultTable.Load(folder.File("a.csv")).Rows);
    }

    [Fact]
    public void A_table_says_what_it_is()
    {
        ResultTable.Of(SampleTables.Odd).Save(folder.File("a.parquet"));
        Assert.Equal($"{folder.File("a.parquet")}: {SampleTables.Odd.Length} rows", ResultTable.Load(folder.File("a.parquet")).ToString());
    }

    private IReadOnlyList<string> ColumnsOf(string name)
    {
        using var rows = TableFile.Open(folder.File(name));
        return rows.Columns;
    }
}
