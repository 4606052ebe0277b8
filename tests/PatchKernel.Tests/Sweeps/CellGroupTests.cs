using CsCheck;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Sweeps whose cells don't fit in memory together: groups of them, with the same numbers.</summary>
public sealed class CellGroupTests : IDisposable
{
    private readonly Llama model = RandomModel.Create();

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
    public void Groups_give_what_one_pass_gives() => Cases.Sample((options, rows) =>
    {
        var whole = Sweep.Run(model, RandomModel.Pair, options);
        var parts = Sweep.Run(model, RandomModel.Pair, options with { Memory = Room(options) + rows * Row });
        foreach (var (name, values) in whole.Values) Near.Equal(values, parts.Values[name], 1e-4f, $"{whole}, {rows} rows: {name}");
    }, iter: 100, threads: 1);

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
            new(RandomModel.Pair, new SweepOptions { Source = new PatchSource.Noise(Samples: 3) }),
            new(PromptPair.FromIds([3, 14, 15], [3, 2, 15], 7, 11), new SweepOptions { Site = Activation.K, Positions = Positions.Each }),
        ];
        var whole = Sweep.Run(model, requests);
        var parts = Sweep.Run(model, [.. requests.Select(request => request with { Options = request.Options with { Memory = 3 * Room(request.Options) } })]);
        foreach (var (one, other) in whole.Zip(parts))
            foreach (var (name, values) in one.Values) Near.Equal(values, other.Values[name], 1e-4f, name);
    }

    [Fact]
    public void A_streamed_layer_that_no_later_group_needs_is_not_read_again()
    {
        using var checkpoint = Checkpoint.Open(CliRun.Tiny);
        using var streamed = Llama.Load(checkpoint, residency: Residency.Streamed);
        var pair = PromptPair.FromIds([1, 5, 9, 12], [1, 7, 9, 12], 3, 4);
        Sweep.Run(streamed, pair);
        var (first, last) = (Read(0), Read(streamed.Config.NLayers - 1));
        // Room for the rows of one layer: a group a layer, each of which begins there.
        Sweep.Run(streamed, pair, new SweepOptions { Memory = new SweepMemory(streamed.Config, [4, 4], [new ResidPostSite()]).Fixed(4 * streamed.Config.NLayers + 2, streamed.Weights.MostUnembeddingRows) + SweepMemory.Row(streamed.Config, 14) });
        Assert.Equal(2 * first, Read(0));
        Assert.True(Read(streamed.Config.NLayers - 1) >= 3 * last);

        long Read(int layer) => checkpoint.BytesRead(WeightLayout.Query(streamed.Config, layer));
    }

    [Fact]
    public void Too_little_memory_is_one_sentence_before_anything_runs()
    {
        var message = Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Memory = 1000 })).Message;
        Assert.Matches(@"^This sweep of prompts of 6 tokens takes at least [0-9.]+ [kM]B of memory beside the weights, and 1.0 kB is what it may take: allow more, or shorten the prompts\.$", message);
        Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Memory = 1000, Method = SweepMethod.Naive }));
    }

    private long Row => SweepMemory.Row(model.Config, RandomModel.Pair.Clean.Length);

    private long Room(SweepOptions options)
    {
        var site = SiteCatalog.Of(options.Site, options.Positions);
        return new SweepMemory(model.Config, [6, 6], [site]).Fixed(2000, model.Config.DVocab);
    }
}
