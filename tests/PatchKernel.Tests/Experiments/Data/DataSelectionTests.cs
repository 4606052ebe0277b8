namespace PatchKernel.Tests.Experiments;

/// <summary>Which rows are taken.</summary>
public sealed class DataSelectionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private ExperimentData Load(DataSelection selection, IEnumerable<int>? ids = null, string head = "id")
    {
        var rows = (ids ?? Enumerable.Range(0, 50)).Select(id => $"{id},clean {id},corrupt {id}, x, y");
        File.WriteAllText(folder.File("a.csv"), $"{head},clean,corrupt,clean_target,corrupt_target\n{string.Join('\n', rows)}\n");
        return ExperimentData.Load(folder.File("a.csv"), selection);
    }

    private static string[] Names(ExperimentData data) => [.. data.Rows.Select(row => row.Name)];

    [Fact]
    public void A_limit_takes_the_first_and_more_than_there_are_takes_all()
    {
        var data = Load(new() { Limit = 3 });
        Assert.Equal(["0", "1", "2"], Names(data));
        Assert.Equal(50, data.Total);
        Assert.Equal(50, Load(new() { Limit = 1000 }).Rows.Count);
    }

    [Fact]
    public void The_first_are_skipped_before_all_else_is_chosen()
    {
        Assert.Equal(["3", "4"], Names(Load(new() { Skip = 3, Limit = 2 })));
        Assert.Equal(["49"], Names(Load(new() { Skip = 49 })));
        Assert.Equal(["13", "16", "22", "26"], Names(Load(new() { Skip = 13, Sample = 4, Seed = 7 }))); // the order of draw is by names, so the others are drawn as before
        Assert.Equal(Names(Load(new() { Limit = 5 })), Names(Load(new() { Skip = 0, Limit = 5 })));
        Assert.Equal(10, Load(new() { Split = ("held-out", 0.2), Skip = 20 }).Rows.Count(row => row.Columns["split"] == "held-out") + Load(new() { Split = ("held-out", 0.2), Limit = 20 }).Rows.Count(row => row.Columns["split"] == "held-out"));
        foreach (var (selection, why) in new (DataSelection, string)[]
        {
            (new() { Skip = -1 }, "-1 rows can't be skipped; give a number from 0 on."),
            (new() { Skip = 50 }, "50 rows to choose from, and skipping 50 leaves none; skip fewer."),
            (new() { Skip = 45, Sample = 6 }, "A sample of 6 rows can't be drawn from 5 others of"),
        })
            Assert.Contains(why, Assert.Throws<PatchKernelException>(() => Load(selection)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_is_the_same_everywhere_and_keeps_the_files_order()
    {
        string[] drawn = ["3", "13", "16", "22", "26"]; // as Python's hashlib orders them
        Assert.Equal(drawn, Names(Load(new() { Sample = 5, Seed = 7 })));
        Assert.Equal(drawn.Reverse(), Names(Load(new() { Sample = 5, Seed = 7 }, Enumerable.Range(0, 50).Reverse())));
        Assert.Equal(drawn[..2], Names(Load(new() { Sample = 5, Seed = 7, Limit = 2 })));
        Assert.NotEqual(drawn, Names(Load(new() { Sample = 5, Seed = 8 })));
        Assert.Equal(50, Load(new() { Sample = 50 }).Rows.Count);
    }

    [Fact]
    public void Every_row_is_drawn_as_often_as_any_other()
    {
        var times = Enumerable.Range(0, 200).SelectMany(seed => Names(Load(new() { Sample = 10, Seed = seed }))).GroupBy(name => name).ToDictionary(same => same.Key, same => same.Count());
        Assert.Equal(50, times.Count);
        Assert.All(times.Values, count => Assert.InRange(count, 15, 70)); // 40 on average, 5.7 standard deviations
    }

    [Fact]
    public void A_split_is_a_column_and_doesnt_depend_on_what_else_is_chosen()
    {
        var data = Load(new() { Split = ("held-out", 0.2) });
        Assert.Equal(["split"], data.Columns);
        Assert.Equal([("held-out", 10), ("rest", 40)], data.Rows.CountBy(row => row.Columns["split"]).Select(part => (part.Key, part.Value)).Order());
        var few = Load(new() { Split = ("held-out", 0.2), Sample = 20, Limit = 10 });
        var all = data.Rows.ToDictionary(row => row.Name, row => row.Columns["split"]);
        Assert.All(few.Rows, row => Assert.Equal(all[row.Name], row.Columns["split"]));
        Assert.NotEqual(Names(Load(new() { Sample = 10 })), data.Rows.Where(row => row.Columns["split"] == "held-out").Select(row => row.Name)); // two draws
    }

    [Theory]
    [InlineData(0, null, null, "A limit of 0 rows leaves none")]
    [InlineData(null, 0, null, "A sample of 0 rows has none")]
    [InlineData(null, 51, null, "A sample of 51 rows can't be drawn from the 50")]
    [InlineData(null, null, 0.0, "a share between 0 and 1")]
    [InlineData(null, null, 1.0, "a share between 0 and 1")]
    [InlineData(null, null, double.NaN, "a share between 0 and 1")]
    [InlineData(null, null, 0.001, "is none of them")]
    [InlineData(null, null, 0.999, "is all of them")]
    public void What_is_out_of_range_is_refused(int? limit, int? sample, double? share, string why)
    {
        var selection = new DataSelection { Limit = limit, Sample = sample, Split = share is { } part ? ("a", part) : null };
        Assert.Contains(why, Assert.Throws<PatchKernelException>(() => Load(selection)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_needs_a_name_that_is_free()
    {
        foreach (var name in new[] { "", " ", "rest" })
            Assert.Contains("needs a name", Assert.Throws<PatchKernelException>(() => Load(new() { Split = (name, 0.5) })).Message, StringComparison.Ordinal);
        Assert.Contains("has a column split already", Assert.Throws<PatchKernelException>(() => Load(new() { Split = ("a", 0.5) }, head: "split")).Message, StringComparison.Ordinal);
        Assert.Equal("7", Load(new(), head: "split").Rows[7].Columns["split"]);
    }
}
