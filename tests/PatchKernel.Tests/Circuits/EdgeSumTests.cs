using CsCheck;
using PatchKernel.Tests.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>What estimates of edges come to together, and where they are nothing.</summary>
public sealed class EdgeSumTests
{
    private static readonly AttributionOptions Eap = new() { Metric = Metric.LogitDiff };
    private static readonly AttributionOptions Ig = Eap with { Method = EdgeMethod.EapIg };

    [Fact]
    public void A_sender_s_scores_add_up_to_its_attribution_but_a_head_s_where_a_norm_stands_behind() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        select (config, seed, pair)).Sample((config, seed, pair) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        if (!Gapless.TryRun(() => EdgeAttribution.Run(model, pair, Eap), out var edges)) return;
        var sums = edges.Edges.Zip(edges.Scores()).GroupBy(edge => edge.First.Sender).ToDictionary(sender => sender.Key, sender => sender.Sum(edge => (double)edge.Second));
        var largest = sums.Values.Max(Math.Abs);
        Equal("embed", Cells(Activation.ResidPre, Positions.Each).Take(pair.Clean.Length).Sum());
        foreach (var (layer, cells) in Cells(Activation.MlpOut, Positions.Each).Chunk(pair.Clean.Length).Index()) Equal($"L{layer}.mlp", cells.Sum());
        if (config.Parts.NormBehind) return;
        foreach (var (layer, heads) in Cells(Activation.Z, Positions.All).Chunk(config.NHeads).Index())
            foreach (var (head, cell) in heads.Index()) Equal($"L{layer}.head.{head}", cell);

        IEnumerable<double> Cells(Activation site, Positions positions)
        {
            var atp = Sweep.Run(model, pair, new SweepOptions { Site = site, Positions = positions, Method = SweepMethod.Atp, Metric = Metric.LogitDiff });
            return atp.Raw(Metric.LogitDiff).Select(value => (double)value - atp.CorruptRun.Of(Metric.LogitDiff));
        }

        // A sweep's values are float32 of the run's own and what is added.
        void Equal(string sender, double attribution) => Assert.Equal(attribution, sums[sender], 1e-5 * largest + 2e-6 * pair.Clean.Length * Math.Max(1, Math.Abs(edges.CorruptRun.Of(Metric.LogitDiff))));
    }, iter: 60, threads: 1);

    [Fact]
    public void A_sender_that_writes_the_same_in_both_runs_has_edges_of_nothing() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from layer in Gen.Int[0, config.NLayers - 1]
        from head in Gen.Int[0, config.NHeads - 1]
        from direction in Gen.Enum<Direction>()
        select (config, seed, pair, layer, head, direction)).Sample((config, seed, pair, layer, head, direction) =>
    {
        // One head's columns of W_O, and all of an MLP's last matrix.
        var (width, first) = (config.NHeads * config.DHead, head * config.DHead);
        using var random = RandomModel.Create(config, seed, change: (key, values) => key == $"blk.{layer}.attn_output.weight" ? [.. values.Select((value, at) => at % width < first || at % width >= first + config.DHead ? value : 0)]
            : key == $"blk.{layer}.ffn_down.weight" ? new float[values.Length] : values);
        using var model = random.Widened(ScalarType.Float64);
        if (!Gapless.TryRun(() => EdgeAttribution.Run(model, pair, Ig with { Direction = direction }), out var estimate)) return;
        var exact = PathPatching.Run(model, pair, new PathOptions { Metric = Metric.LogitDiff, Direction = direction });
        var naive = PathPatching.Run(model, pair, new PathOptions { Metric = Metric.LogitDiff, Direction = direction, Naive = true });
        // Computed in float64; logits are kept in float32, and may be rounded up here and down there.
        var ulp = 2.4e-7f * exact.Values["clean_target"].Concat(exact.Values["corrupt_target"]).Max(Math.Abs);
        foreach (var (at, edge) in estimate.Edges.Index().Where(edge => edge.Item.Sender == $"L{layer}.head.{head}" || edge.Item.Sender == $"L{layer}.mlp"))
        {
            Assert.Equal(0, estimate.Scores()[at]);
            Assert.Equal(0, naive.Scores()[at], 2 * ulp);
            Assert.Equal(0, exact.Scores()[at], 2 * ulp);
        }
    }, iter: 40, threads: 1);

    [Theory, InlineData(EdgeMethod.Eap), InlineData(EdgeMethod.EapIg), InlineData(EdgeMethod.EapIgActivations)]
    public void A_group_s_key_and_value_have_what_copies_for_each_query_head_have_together(EdgeMethod method)
    {
        using var model = RandomModel.Create();
        var (config, group) = (model.Config, model.Config.NHeads / model.Config.NKeyValueHeads);
        Dictionary<string, float[]> stored = [];
        using (RandomModel.Create(change: (key, values) => stored[key] = values)) { }
        using var copied = RandomModel.Create(
            config with { NKeyValueHeads = config.NHeads },
            change: (key, _) => key.Contains("k_proj", StringComparison.Ordinal) || key.Contains("v_proj", StringComparison.Ordinal)
                ? [.. stored[key].Chunk(config.DHead * config.DModel).SelectMany(head => Enumerable.Repeat(head, group).SelectMany(values => values))] : stored[key]);
        var options = Eap with { Method = method, Steps = 2 };
        var (ours, theirs) = (EdgeAttribution.Run(model, RandomModel.Pair, options), EdgeAttribution.Run(copied, RandomModel.Pair, options));
        var sums = theirs.Edges.Zip(theirs.Scores()).GroupBy(edge => edge.First with { Receiver = OfGroup(edge.First.Receiver) }).ToDictionary(edge => edge.Key, edge => edge.Sum(copy => copy.Second));
        Assert.Equal(ours.Edges.Count, sums.Count);
        Near.Equal([.. ours.Edges.Select(edge => sums[edge])], ours.Scores(), 1e-5f * ours.Scores().Max(Math.Abs), $"{method}");

        string OfGroup(string receiver) => receiver.Split('.') is [var layer, "k" or "v", var head] ? $"{receiver[..(layer.Length + 3)]}{int.Parse(head, System.Globalization.CultureInfo.InvariantCulture) / group}" : receiver;
    }
}
