using DuckDB.NET.Data;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Another program reads the tables, by SQL, without a word of ours.</summary>
public sealed class DuckDbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DuckDBConnection database = new("Data Source=:memory:");

    public DuckDbTests() => database.Open();

    public void Dispose()
    {
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Columns_have_their_types()
    {
        ResultTable.Of([SampleTables.Row with { Window = 5 }]).Save(folder.File("a.parquet"));
        Assert.Equal(
            [
                "model VARCHAR", "pair VARCHAR", "site VARCHAR", "direction VARCHAR", "source VARCHAR", "layer INTEGER", "pos INTEGER", "token VARCHAR", "role VARCHAR",
                "head INTEGER", "metric VARCHAR", "value FLOAT", "score FLOAT", "window INTEGER",
            ],
            Ask("describe select * from {a.parquet}").Select(row => $"{row[0]} {row[1]}"));
        PairTable.Of([SampleTables.Pair]).Save(folder.File("b.parquet"));
        Assert.Equal(["VARCHAR", "BOOLEAN", "INTEGER", "FLOAT"], Ask("select typeof(relation), typeof(answered), typeof(line), typeof(gap_logit_diff) from {b.parquet}")[0]);
    }

    [Fact]
    public void A_table_without_rows_has_them_too()
    {
        ResultTable.Of([]).Save(folder.File("a.parquet"));
        Assert.Equal(13, Ask("describe select * from {a.parquet}").Count);
        Assert.Equal(0L, Ask("select count(*) from {a.parquet}")[0][0]);
    }

    [Theory]
    [InlineData("{a.parquet}")]
    [InlineData("read_csv({a.csv}, all_varchar = false, nullstr = '', allow_quoted_nulls = false)")]
    public void What_is_missing_is_NULL_and_an_empty_text_isnt(string table)
    {
        Save([SampleTables.Row with { Role = "" }, SampleTables.Row with { Pos = null, Token = null, Role = null, Head = null, Score = null }]);
        Assert.Equal([14L, " Einstein", "", 2L, 0.5], Ask($"select pos::bigint, token, role, head::bigint, score::double from {table} where pos is not null")[0]);
        Assert.Equal([null, null, null, null, null], Ask($"select pos, token, role, head, score from {table} where pos is null")[0]);
    }

    [Theory]
    [InlineData("{a.parquet}")]
    [InlineData("read_csv({a.csv}, nullstr = '')")]
    public void Every_odd_text_and_number_is_found(string table)
    {
        Save(SampleTables.Odd);
        // A parameter ends at a zero; and its CSV reader takes an empty text for NULL, whatever is asked for.
        Assert.Equal([], SampleTables.OddTexts.Where(text => !text.Contains('\0') && (table == "{a.parquet}" || text != "") && Ask($"select count(*) from {table} where token = ?", text)[0][0] is not 1L));
        Assert.Equal(1L, Ask($"select count(*) from {table} where token = 'a' || chr(0) || 'b'")[0][0]);
        Assert.Equal([1L, 1L, 1L], Ask($"select count(*) filter (value = 'nan'::float), count(*) filter (value = 'inf'::float), count(*) filter (value = '-inf'::float) from {table}")[0]);
    }

    // Readers leave out a group whose lowest and highest value rule it out: what is said there must be true.
    [Fact]
    public void A_group_is_never_left_out_wrongly()
    {
        string[] texts = ["\uFFFD", "😀", "\uFFFD", "😀"];
        PatchKernel.Tables.TableFile.Write(folder.File("a.parquet"), PatchKernel.Tables.ResultColumns.Of(windows: false), texts.Select((text, i) => new[]
        {
            SampleTables.Row with { Token = text, Layer = i, Value = 1 },
            SampleTables.Row with { Token = "😀", Layer = -i, Value = float.NaN },
            SampleTables.Row with { Token = "\uFFFD", Layer = i, Value = 2 },
        }));
        Assert.Equal(6L, Ask("select count(*) from {a.parquet} where token = ?", "😀")[0][0]);
        Assert.Equal(6L, Ask("select count(*) from {a.parquet} where token = ?", "\uFFFD")[0][0]);
        Assert.Equal(4L, Ask("select count(*) from {a.parquet} where value = 'nan'::float")[0][0]);
        Assert.Equal(1L, Ask("select count(*) from {a.parquet} where layer = -3")[0][0]);
        Assert.Equal(0L, Ask("select count(stats_min_value) + count(stats_max_value) + count(stats_min) + count(stats_max) from parquet_metadata({a.parquet}) where type <> 'INT32'")[0][0]);
    }

    [Fact]
    public void Its_average_over_pairs_is_the_summarys()
    {
        var random = new Random(3);
        var rows = SampleTables.Study(40, 6, (_, _, _) => random.NextSingle() * 3 - 1, "logit_diff", "kl").Select(row => random.Next(20) == 0 ? row with { Score = null } : row)
            .Select(row => random.Next(20) == 0 ? row with { Score = float.NaN, Value = float.NaN } : row).ToArray();
        ResultTable.Of(rows).Save(folder.File("results.parquet"));
        var pairs = rows.Select(row => row.Pair).Distinct().Select((name, i) => SampleTables.Pair with { Pair = name, Columns = new Dictionary<string, string> { ["relation"] = i % 3 == 0 ? "a" : "b" } }).ToArray();
        PairTable.Of(pairs).Save(folder.File("pairs.parquet"));
        StudySummary.Of(ResultTable.Load(folder.File("results.parquet")), PairTable.Load(folder.File("pairs.parquet"))).Save(folder.File("summary.csv"));
        var off = Ask(
            """
            with scores as (
                select role, layer, metric, relation, score::double as score, value::double as value
                from {results.parquet} join {pairs.parquet} using (model, pair)
            ), averages as (
                select role, layer, metric, relation, count(score) filter (isfinite(score)) as pairs, avg(score) filter (isfinite(score)) as mean,
                    stddev_samp(score) filter (isfinite(score)) / sqrt(count(score) filter (isfinite(score))) as standard_error, avg(value) filter (isfinite(value)) as mean_value
                from scores group by grouping sets ((role, layer, metric), (role, layer, metric, relation))
            )
            select count(*), max(abs(a.mean - s.mean)), max(abs(a.standard_error - s.standard_error)), max(abs(a.mean_value - s.mean_value)), max(abs(a.pairs - s.pairs)), min(s.high - s.low)
            from averages a join read_csv({summary.csv}, nullstr = '') s on a.role = s.role and a.layer = s.layer and a.metric = s.metric and a.relation is not distinct from s.group
            """)[0];
        Assert.Equal(2L * 6 * 2 * 3, off[0]);
        Assert.All(off[1..4], difference => Assert.InRange((double)difference!, 0, 1e-12));
        Assert.Equal(0L, off[4]);
        Assert.InRange((double)off[5]!, 0.05, 2);
    }

    private void Save(IReadOnlyList<ResultRow> rows)
    {
        foreach (var name in (string[])["a.parquet", "a.csv"]) ResultTable.Of(rows).Save(folder.File(name));
    }

    // A file's name in braces stands for its path.
    private List<object?[]> Ask(string sql, params object[] values)
    {
        using var command = database.CreateCommand();
        command.CommandText = System.Text.RegularExpressions.Regex.Replace(sql, @"\{([\w.]+)\}", name => $"'{folder.File(name.Groups[1].Value)}'");
        foreach (var value in values) command.Parameters.Add(new DuckDBParameter(value));
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }
}
