using CsCheck;
using PatchKernel.Models;
using PatchKernel.Sweeps;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Sweeps whose cells don't fit in memory together: groups of them, with the same numbers.</summary>
public sealed class CellGroupTests : IDisposable
{
    // Long enough for several groups of the smallest size.
    private static readonly PromptPair Long = PairOf(60, [4, 31], 50);

    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    private static readonly Gen<(SweepOptions Options, long Rows)> Cases =
        from site in Gen.OneOf([.. Sweep.Sites])
        from each in Gen.Bool
        from window in Gen.OneOf(1, 3)
        from direction in Gen.Enum<Direction>()
        from zero in Gen.Bool
        from rows in Gen.Long[1, 40]
        select (new SweepOptions
        {
            Site = site,
            Positions = site is Activation.Q or Activation.K or Activation.V or Activation.Z or Activation.Pattern ? each ? Positions.Each : Positions.All : null,
            Window = window,
            Direction = direction,
            Source = zero ? PatchSource.Zero : PatchSource.Other,
        }, rows);

    [Fact]
    public void Groups_give_what_one_pass_gives()
    {
        var most = 0;
        Cases.Sample((options, rows) =>
        {
            var whole = Sweep.Run(model, Long, options);
            var groups = new Groups();
            var parts = Sweep.Run(model, Long, options with { Memory = Least(model.Config, options, 60) + rows * SweepMemory.Row(model.Config, 60) }, groups);
            foreach (var (name, values) in whole.Values) Near.Equal(values, parts.Values[name], 1e-4f, $"{whole}, {rows} rows: {name}");
            most = Math.Max(most, groups.Count);
        }, iter: 40, threads: 1);
        Assert.True(most > 3, $"{most} groups at most");
    }

    [Fact]
    public void Every_cell_is_in_one_group_and_no_group_is_too_large() => Cases.Sample((options, rows) =>
    {
        using var plan = new SweepPlan(model, [new(RandomModel.Pair, options), new(RandomModel.Pair, options with { Site = Activation.MlpOut, Positions = null })]);
        var groups = CellGroup.Plan(model.Config, plan.Lanes, plan.Tasks, rows * Row);
        for (var task = 0; task < plan.Tasks.Count; task++)
        {
            var (site, length) = (plan.Tasks[task].Site, plan.Lanes[plan.Tasks[task].Base].Ids.Count);
            var shape = site.Shape(model.Config, length);
            for (var cell = 0; cell < shape.Aggregate(1, (product, size) => product * size); cell++)
            {
                var place = new CellPlace(plan.Tasks[task].From(site.At(cell, shape).Layer), task, cell);
                Assert.Equal(1, groups.Count(group => group.Has(place)));
            }
        }
        Assert.Equal(groups.Select(group => group.From).Order(), groups.Select(group => group.From));
        Assert.True(CellGroup.Plan(model.Config, plan.Lanes, plan.Tasks, long.MaxValue).Count == 1);
    }, iter: 50, threads: 1);

    [Fact]
    public void Several_pairs_with_noise_go_in_groups_too()
    {
        SweepRequest[] requests =
        [
            new(Long, new SweepOptions { Source = new PatchSource.Noise(Samples: 3) }),
            new(PromptPair.FromIds([3, 14, 15], [3, 2, 15], 7, 11), new SweepOptions { Site = Activation.K, Positions = Positions.Each }),
        ];
        var whole = Sweep.Run(model, requests);
        var least = new SweepMemory(model.Config, [60, 60, 60, 60, 3, 3], [SiteTable.Of(Activation.ResidPost, null), SiteTable.Of(Activation.K, Positions.Each)]).Least(model.Config.DVocab);
        var groups = new Groups();
        var parts = Sweep.Run(model, [.. requests.Select(request => request with { Options = request.Options with { Memory = least } })], groups);
        Assert.True(groups.Count > 3, $"{groups.Count}");
        foreach (var (one, other) in whole.Zip(parts))
            foreach (var (name, values) in one.Values) Near.Equal(values, other.Values[name], 1e-4f, name);
    }

    [Fact]
    public void A_streamed_layer_that_no_later_group_needs_is_not_read_again()
    {
        using var checkpoint = Checkpoint.Open(CliRun.Tiny);
        using var streamed = LanguageModel.Load(checkpoint, residency: Residency.Streamed);
        var groups = new Groups();
        var once = streamed.Config.NLayers - 1;
        Sweep.Run(streamed, PairOf(64, [1], 200), new SweepOptions { Memory = Least(streamed.Config, new SweepOptions(), 64) }, groups);
        var (first, last) = (checkpoint.BytesRead(streamed.Config.Stored(0, Slot.Query)), checkpoint.BytesRead(streamed.Config.Stored(once, Slot.Query)));
        var size = checkpoint.StoredBytes(streamed.Config.Stored(0, Slot.Query));
        Assert.Equal(groups.Count * size, last);
        Assert.InRange(first, size, last - 2 * size);
    }

    [Fact]
    public void Too_little_memory_is_one_sentence_before_anything_runs()
    {
        var message = Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Memory = 1000 })).Message;
        Assert.Matches(@"^This sweep of prompts of 6 tokens takes at least [0-9.]+ [kM]B of memory beside the weights, and 1.0 kB is what it may take: allow more, or shorten the prompts\.$", message);
        Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Memory = 1000, Method = SweepMethod.Naive }));
        // With little more, what the lanes cost in each group is little beside the cells.
        var groups = new Groups();
        Sweep.Run(model, Long, new SweepOptions { Memory = Least(model.Config, new SweepOptions(), 60) }, groups);
        Assert.InRange(groups.Count, 2, 7);
    }

    private long Row => SweepMemory.Row(model.Config, RandomModel.Pair.Clean.Length);

    private static long Least(ModelConfig config, SweepOptions options, int tokens) =>
        new SweepMemory(config, [tokens, tokens], [SiteTable.Of(options.Site, options.Positions)]).Least(config.DVocab);

    private static PromptPair PairOf(int tokens, int[] differences, int vocabulary)
    {
        int[] clean = [.. Enumerable.Range(0, tokens).Select(pos => pos * 7 % vocabulary)];
        int[] corrupt = [.. clean];
        foreach (var pos in differences) corrupt[pos] = (clean[pos] + 1) % vocabulary;
        return PromptPair.FromIds(clean, corrupt, 7, 11);
    }

    /// <summary>How many groups a sweep said that it goes in.</summary>
    private sealed class Groups : IProgress<SweepProgress>
    {
        public int Count { get; private set; }

        public void Report(SweepProgress value) => Count = value.Groups;
    }
}
