using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Taps;

/// <summary>What a tap's lambda sees and sets.</summary>
public sealed class TapTests : IDisposable
{
    private static readonly int[] Ids = [3, 14, 15, 9, 26, 5];

    private readonly LanguageModel model = RandomModel.Create(); // 3 layers, 4 heads, 2 of keys and values
    private readonly CachedRun plain;

    public TapTests() => plain = model.RunWithCache(Ids);

    public void Dispose()
    {
        plain.Dispose();
        model.Dispose();
    }

    public static TheoryData<Activation> Sites { get; } = [.. Enum.GetValues<Activation>()];

    [Theory, MemberData(nameof(Sites))]
    public void A_lambda_reads_what_a_cache_keeps(Activation site)
    {
        var seen = new Dictionary<int, (IReadOnlyList<long> Shape, float[] Values)>();
        var run = model.Run(Ids, Tap.Read(site, value => seen[value.Layer!.Value] = (value.Shape, value.ToFloats())));
        Assert.Equal(plain.NextTokenLogits, run.NextTokenLogits);
        Assert.Equal(site is Activation.Embed or Activation.FinalNorm ? 1 : 3, seen.Count);
        foreach (var (layer, (shape, values)) in seen)
        {
            Assert.Equal(plain[site, layer].shape, shape);
            Assert.Equal(plain[site, layer].ToFloats(), values);
        }
    }

    [Theory]
    [InlineData(Activation.ResidPost, 4, null, new long[] { 1, 24 })]
    [InlineData(Activation.Z, 4, null, new long[] { 1, 4, 6 })]
    [InlineData(Activation.Z, null, 2, new long[] { 1, 6, 6 })]
    [InlineData(Activation.K, 4, 1, new long[] { 1, 6 })]
    [InlineData(Activation.Pattern, 4, null, new long[] { 1, 4, 6 })]
    [InlineData(Activation.Pattern, null, 3, new long[] { 1, 6, 6 })]
    [InlineData(Activation.Pattern, 4, 3, new long[] { 1, 6 })]
    public void A_position_and_a_head_take_their_axes_away(Activation site, int? pos, int? head, long[] shape)
    {
        float[]? values = null;
        model.Run(Ids, Tap.Read(site, 1, value =>
        {
            Assert.Equal(shape, value.Shape);
            values = value.ToFloats();
        }, pos, head));
        using var scope = torch.NewDisposeScope();
        var whole = plain[site, 1];
        var expected = (site, pos, head) switch
        {
            (Activation.Pattern, { } p, { } h) => whole[.., h, p],
            (Activation.Pattern, { } p, null) => whole[.., .., p],
            (Activation.Pattern, null, { } h) => whole[.., h],
            (_, { } p, { } h) => whole[.., p, h],
            (_, null, { } h) => whole[.., .., h],
            (_, { } p, null) => whole[.., p],
            _ => whole,
        };
        Assert.Equal(expected.ToFloats(), values);
    }

    [Fact]
    public void The_last_position_is_counted_from_the_end()
    {
        float[]? last = null;
        model.Run(Ids, Tap.Read(Activation.ResidMid, 2, value => last = value.ToFloats(), pos: ^1));
        Assert.Equal(plain[Activation.ResidMid, 2].ToFloats()[^24..], last);
    }

    [Fact]
    public void A_replaced_sum_is_what_the_block_goes_on_with()
    {
        using var run = model.RunWithCache(Prompt.FromIds(Ids), [Activation.ResidPre, Activation.AttnOut, Activation.ResidMid], Tap.Replace(Activation.AttnOut, layer: 1, value => value * 0.5));
        using var scope = torch.NewDisposeScope();
        Near.Equal(plain[Activation.AttnOut, 1].Times(0.5).ToFloats(), run[Activation.AttnOut, 1].ToFloats(), 0, "attn_out");
        Near.Equal(plain[Activation.ResidPre, 1].Plus(run[Activation.AttnOut, 1]).ToFloats(), run[Activation.ResidMid, 1].ToFloats(), 0, "resid_mid");
        Near.Equal(plain[Activation.AttnOut, 0].ToFloats(), run[Activation.AttnOut, 0].ToFloats(), 0, "the layer before");
    }

    [Fact]
    public void Only_the_named_position_and_head_are_set()
    {
        using var run = model.RunWithCache(Prompt.FromIds(Ids), [Activation.Z], Tap.Replace(Activation.Z, 1, value => value * 2, pos: 3, head: 2));
        using var scope = torch.NewDisposeScope();
        var expected = plain[Activation.Z, 1].clone();
        expected[.., 3, 2].mul_(Scalars.Of(2));
        Assert.Equal(expected.ToFloats(), run[Activation.Z, 1].ToFloats());
    }

    [Fact]
    public void Without_a_layer_every_layer_is_tapped()
    {
        var all = model.NextTokenLogits(Ids, Tap.Replace(Activation.MlpOut, value => value * 0.5));
        var each = model.NextTokenLogits(Ids, [.. Enumerable.Range(0, 3).Select(layer => Tap.Replace(Activation.MlpOut, layer, value => value * 0.5))]);
        Assert.Equal(each, all);
        Assert.NotEqual(plain.NextTokenLogits, all);
    }

    [Fact]
    public void Each_tap_sees_what_the_one_before_left()
    {
        float[]? before = null, after = null;
        var run = model.Run(
            Ids, Tap.Read(Activation.ResidPost, 1, value => before = value.ToFloats()), Tap.Replace(Activation.ResidPost, 1, value => value * 2),
            Tap.Replace(Activation.ResidPost, 1, value => value + 1, pos: ^1), Tap.Read(Activation.ResidPost, 1, value => after = value.ToFloats()));
        Assert.Equal(plain[Activation.ResidPost, 1].ToFloats(), before);
        Assert.Equal(before!.Select((value, i) => value * 2 + (i >= 5 * 24 ? 1 : 0)), after);
        Assert.NotEqual(plain.NextTokenLogits, run.NextTokenLogits);
    }

    [Fact]
    public void What_a_lambda_writes_into_its_value_reaches_nobody_else()
    {
        using var run = model.RunWithCache(
            Prompt.FromIds(Ids), [Activation.ResidPost], Tap.Read(Activation.ResidPost, value => value.Tensor.zero_()), Tap.Read(Activation.ResidPost, value => value.Dispose()));
        Assert.Equal(plain.NextTokenLogits, run.NextTokenLogits);
        Assert.Equal(plain[Activation.ResidPost, 0].ToFloats(), run[Activation.ResidPost, 0].ToFloats());
    }

    [Fact]
    public void Every_run_takes_taps()
    {
        var tap = Tap.Replace(Activation.ResidPost, 1, value => -value);
        var expected = model.Run(Ids, tap).NextTokenLogits;
        Assert.NotEqual(plain.NextTokenLogits, expected);
        Assert.Equal(expected, model.NextTokenLogits(Ids, tap));
        Assert.Equal(expected, model.NextTokenLogits(Ids, [tap], CancellationToken.None));
        Assert.Equal(expected.Max(), model.Predict(Prompt.FromIds(Ids), tap).Best[0].Logit);
        Assert.Equal(expected.Max(), Assert.Single(model.Predict(Prompt.FromIds(Ids), 1, tap).Best).Logit);
        using var cached = model.RunWithCache(Prompt.FromIds(Ids), [], tap);
        Assert.Equal(expected, cached.NextTokenLogits);
        using var logits = model.Forward(Ids, tap);
        Near.Equal(expected, logits.ToFloats().AsSpan()[^50..], 1e-5f, "all positions");
    }

    [Fact]
    public void Two_positions_are_swapped_by_a_lambda()
    {
        using var run = model.RunWithCache(
            Prompt.FromIds(Ids), [Activation.ResidPost], Tap.Replace(Activation.ResidPost, 0, value => value.WithPart(2, value.At(4)).WithPart(4, value.At(2))));
        var (before, after) = (plain[Activation.ResidPost, 0].ToFloats().Chunk(24).ToArray(), run[Activation.ResidPost, 0].ToFloats().Chunk(24).ToArray());
        foreach (var (pos, from) in new[] { (0, 0), (1, 1), (2, 4), (3, 3), (4, 2), (5, 5) }) Assert.Equal(before[from], after[pos]);
    }

    [Fact]
    public void One_prompts_layer_goes_into_another_prompts_other_layer()
    {
        ActivationValue? kept = null;
        model.Run([9, 8, 7], Tap.Read(Activation.ResidPost, 0, value => kept = value.Keep(), pos: ^1));
        using (kept)
        {
            using var run = model.RunWithCache(Prompt.FromIds(Ids), [Activation.ResidPost], Tap.Put(Activation.ResidPost, 2, 4, kept!));
            Assert.Equal(kept!.ToFloats(), run[Activation.ResidPost, 2].ToFloats()[(4 * 24)..(5 * 24)]);
            Assert.Equal(plain[Activation.ResidPost, 2].ToFloats()[..(4 * 24)], run[Activation.ResidPost, 2].ToFloats()[..(4 * 24)]);
        }
        Assert.EndsWith(", disposed of", kept!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tap_serves_runs_of_any_length()
    {
        var lengths = new List<long>();
        var tap = Tap.Read(Activation.ResidPost, 0, value => lengths.Add(value.FirstPosition), pos: ^1);
        foreach (var count in new[] { 6, 2, 4 }) model.Run(Ids[..count], tap);
        Assert.Equal([5, 1, 3], lengths);
        model.LastLogits([new(Ids, tap), new(Ids[..3], tap)], TestContext.Current.CancellationToken).Dispose(); // side by side
        Assert.Equal([5, 2], lengths[3..]);
    }
}
