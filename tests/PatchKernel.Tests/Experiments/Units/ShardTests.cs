namespace PatchKernel.Tests.Experiments.Units;

/// <summary>A process's share of the units.</summary>
public sealed class ShardTests
{
    [Fact]
    public void A_share_counts_from_one()
    {
        Assert.Equal(new Shard(2, 16), Shard.Parse("3/16"));
        Assert.Equal("3/16", Shard.Parse("3/16").ToString());
        Assert.Equal([2, 5, 8], Enumerable.Range(0, 10).Where(Shard.Parse("3/3").Has));
        foreach (var text in new[] { "0/4", "5/4", "3", "3/", "/3", "a/b", "1/2/3", "-1/4", "1/0", "1.5/2", " 1/2", "" })
            Assert.Equal($"'{text}' is no share; give a number and how many there are, such as 3/16.", Assert.Throws<PatchKernelException>(() => Shard.Parse(text)).Message);
    }

    [Theory] // the task's id, and the array's least, greatest and number of ids
    [InlineData("1", "1", "4", "4", 0, 4)]
    [InlineData("4", "1", "4", "4", 3, 4)]
    [InlineData("0", "0", "15", "16", 0, 16)]
    [InlineData("12", "10", "13", "4", 2, 4)]
    [InlineData("7", "7", "7", "1", 0, 1)]
    public void A_slurm_array_without_gaps_gives_each_task_its_share(string id, string min, string max, string count, int index, int of) =>
        Assert.Equal((new Shard(index, of), null), (Of(Slurm(id, min, max, count), out var note), note));

    [Theory]
    [InlineData("10", "3", "20", "5")] // 3,7,10-20:5
    [InlineData("5", "1", "9", "5")] // 1-9:2
    [InlineData("9", "1", "4", "4")]
    [InlineData("1", null, null, null)]
    [InlineData("1", "1", "4", null)]
    public void One_with_gaps_gives_none_and_says_so(string id, string? min, string? max, string? count)
    {
        Assert.Null(Of(Slurm(id, min, max, count), out var note));
        Assert.Contains("its tasks claim units as they come", note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", "5", 2)]
    [InlineData("0", "1", 0)]
    [InlineData("2", null, null)]
    [InlineData("5", "5", null)]
    public void A_kubernetes_job_with_an_index_gives_one_where_it_says_how_many(string index, string? pods, int? expected)
    {
        var share = Of(new() { ["JOB_COMPLETION_INDEX"] = index, ["JOB_COMPLETIONS"] = pods }, out var note);
        Assert.Equal((expected, expected is null), (share?.Index, note is not null));
        if (note is not null) Assert.StartsWith($"JOB_COMPLETION_INDEX is {index} and JOB_COMPLETIONS {pods ?? "isn't set"}, so there is no share", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Elsewhere_there_is_none_and_nothing_to_say()
    {
        Assert.Equal((null, null), (Of([], out var note), note));
        Assert.Equal((null, null), (Of(new() { ["SLURM_JOB_ID"] = "4" }, out note), note));
    }

    private static Dictionary<string, string?> Slurm(string id, string? min, string? max, string? count) => new()
    {
        ["SLURM_ARRAY_TASK_ID"] = id,
        ["SLURM_ARRAY_TASK_MIN"] = min,
        ["SLURM_ARRAY_TASK_MAX"] = max,
        ["SLURM_ARRAY_TASK_COUNT"] = count,
    };

    private static Shard? Of(Dictionary<string, string?> variables, out string? note) => Shard.OfScheduler(name => variables.GetValueOrDefault(name), out note);
}
