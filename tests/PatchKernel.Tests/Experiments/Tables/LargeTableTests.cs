using System.Diagnostics;
using PatchKernel.Tables;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>What large tables take, in time and memory.</summary>
[Collection(nameof(Alone))]
public sealed class LargeTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.parquet")]
    [InlineData("a.csv")]
    public void Units_are_written_and_read_one_at_a_time(string name)
    {
        static IEnumerable<ResultRow[]> Units(int count) => Enumerable.Range(0, count).Select(unit => SampleTables.Study(8, 30, (pair, layer, _) => pair + layer + unit / 7f));
        TableFile.Write(folder.File(name), ResultColumns.Of(windows: false), Units(10)); // what is allocated once for all
        var few = Peak(() => TableFile.Write(folder.File(name), ResultColumns.Of(windows: false), Units(10)));
        var many = Peak(() => TableFile.Write(folder.File(name), ResultColumns.Of(windows: false), Units(200)));
        // In Parquet the last part of a file says where each unit's columns are.
        Assert.InRange(many, 0, few + 200 * 30_000);
        var read = Peak(() => Assert.Equal(200 * 480, ResultTable.Load(folder.File(name)).Rows.Count()));
        Assert.InRange(read, 0, few + 200 * 30_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: 10 units {few:N0}, 200 units {many:N0} bytes, read {read:N0}; the file has {new FileInfo(folder.File(name)).Length:N0}");
    }

    [Theory]
    [InlineData(144, 0.8)]
    [InlineData(10_000, 15)]
    public void A_summary_takes(int pairs, double seconds)
    {
        var rows = SampleTables.Study(pairs, 30, (pair, layer, _) => pair * layer % 17 / 17f, "logit_diff", "kl");
        var watch = Stopwatch.StartNew();
        Assert.Equal(120, StudySummary.Of(ResultTable.Of(rows)).Rows.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{pairs} pairs: {watch.Elapsed}");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, seconds);
    }

    // What is alive at once, looked at all the time.
    private static long Peak(Action work)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        using var done = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!done.IsCancellationRequested) peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
        });
        watch.Start();
        work();
        done.Cancel();
        watch.Join();
        return peak;
    }
}
