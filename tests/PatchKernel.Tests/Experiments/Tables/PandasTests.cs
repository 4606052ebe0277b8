using System.Diagnostics;
using System.Globalization;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Debian's pandas reads results.csv without a word of ours; it has no Parquet there.</summary>
public sealed class PandasTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Types_missing_values_and_averages_are_right()
    {
        var random = new Random(5);
        var rows = SampleTables.Study(30, 4, (_, _, _) => random.NextSingle()).Select((row, i) => i % 7 == 0 ? row with { Score = null, Pos = null, Token = null } : row).ToArray();
        ResultTable.Of(rows).Save(folder.File("results.csv"));
        var lines = await RunAsync(
            """
            import pandas, sys
            t = pandas.read_csv(sys.argv[1], keep_default_na=False, na_values={c: [""] for c in ("pos", "head", "score", "token", "role")})
            print(",".join(str(t[c].dtype) for c in ("model", "layer", "pos", "token", "value", "score")))
            print(t.score.isna().sum(), t.token.isna().sum(), len(t))
            print(repr(float(t.value.sum())))
            for (role, layer), score in t.groupby(["role", "layer"], sort=False).score.mean().items(): print(role, layer, repr(float(score)), sep="|")
            """);
        Assert.Equal("object,int64,float64,object,float64,float64", lines[0]);
        Assert.Equal($"{rows.Count(row => row.Score is null)} {rows.Count(row => row.Token is null)} {rows.Length}", lines[1]);
        // pandas reads the shortest text of a float as a double.
        Assert.Equal(rows.Sum(row => double.Parse(row.Value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)), double.Parse(lines[2], CultureInfo.InvariantCulture), 1e-9);
        foreach (var row in StudySummary.Of(ResultTable.Of(rows)).Rows)
        {
            var mean = lines[3..].Select(line => line.Split('|')).Single(line => line[0] == row.Role && line[1] == $"{row.Layer}")[2];
            Assert.Equal(row.Mean!.Value, double.Parse(mean, CultureInfo.InvariantCulture), 1e-7);
        }
    }

    [Fact]
    public async Task Odd_texts_are_the_same_there()
    {
        ResultRow[] rows = [.. SampleTables.Odd.Where(row => row.Token != "a\0b")]; // its reader ends a text there
        ResultTable.Of(rows).Save(folder.File("results.csv"));
        var lines = await RunAsync(
            """
            import pandas, sys
            t = pandas.read_csv(sys.argv[1], keep_default_na=False, engine="python")
            for text in t.token: print(text.encode().hex())
            """);
        Assert.Equal(rows.Select(row => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(row.Token ?? ""))), lines);
    }

    private async Task<string[]> RunAsync(string program)
    {
        Assert.SkipUnless(File.Exists(Python) && (await StartAsync("-c", "import pandas")).ExitCode == 0, "needs Debian's python3-pandas");
        var (exitCode, output) = await StartAsync("-c", program, folder.File("results.csv"));
        Assert.True(exitCode == 0, output);
        return output.TrimEnd('\n').Split('\n');
    }

    private static async Task<(int ExitCode, string Output)> StartAsync(params string[] args)
    {
        using var python = Process.Start(new ProcessStartInfo(Python, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = python.StandardError.ReadToEndAsync();
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return (python.ExitCode, python.ExitCode == 0 ? output : await error);
    }
}
