using PatchKernel.Activations;
using TorchSharp;

namespace PatchKernel.Tests.Taps;

/// <summary>A tap that couldn't do what it says is an error: left alone, the run would look like one without effect.</summary>
public sealed class TapPlaceTests : IDisposable
{
    private static readonly int[] Ids = [1, 2, 3, 4, 5, 6];

    private readonly LanguageModel model = RandomModel.Create(); // 3 layers, 4 heads, 2 of keys and values
    private readonly CachedRun run;

    public TapPlaceTests() => run = model.RunWithCache(Ids);

    public void Dispose()
    {
        run.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData(Activation.ResidPost, 12, null, null, "The tap on resid_post is at layer 12, and there it has layers 0 to 2; choose one of these.")]
    [InlineData(Activation.ResidPost, -1, null, null, "is at layer -1")]
    [InlineData(Activation.Embed, 1, null, null, "The tap on embed is at layer 1, and there it has layer 0 alone")]
    [InlineData(Activation.FinalNorm, 0, null, null, "The tap on final_norm is at layer 0, and there it has layer 2 alone")]
    [InlineData(Activation.ResidPost, 1, 6, null, "is at position 6, and there it has positions 0 to 5")]
    [InlineData(Activation.ResidPost, null, 6, null, "is at position 6, and there it has positions 0 to 5")]
    [InlineData(Activation.Pattern, 1, 6, 0, "is at position 6")]
    [InlineData(Activation.Z, 1, 2, 4, "is at head 4, and there it has heads 0 to 3")]
    [InlineData(Activation.Z, null, null, 4, "is at head 4, and there it has heads 0 to 3")]
    [InlineData(Activation.K, 1, 2, 2, "is at head 2, and there it has heads 0 to 1")]
    [InlineData(Activation.Pattern, 1, 2, -1, "is at head -1")]
    [InlineData(Activation.ResidPost, 1, 2, 3, "names head 3, and resid_post has no heads; leave the head out.")]
    public void A_place_that_isnt_there_is_refused(Activation site, int? layer, int? pos, int? head, string expected)
    {
        var seen = 0;
        foreach (var tap in (ITap[])[Tap.Read(site, layer, _ => seen++, pos, head), Tap.Replace(site, layer, value => value, pos, head), Tap.Put(site, layer, pos, torch.zeros(1), head)])
        {
            Assert.Contains(expected, Refusal(tap), StringComparison.Ordinal);
            Assert.Contains(expected, Refusal(new ActivationCache(), tap), StringComparison.Ordinal);
            Assert.Contains(expected, Assert.Throws<PatchKernelException>(() => model.Forward(Ids, tap)).Message, StringComparison.Ordinal);
        }
        Assert.Equal(0, seen);
    }

    [Fact]
    public void A_position_from_the_end_that_isnt_there_is_refused() =>
        Assert.Contains("is at position ^7, and there it has positions 0 to 5", Refusal(Tap.Read(Activation.ResidPost, 1, _ => { }, pos: ^7)), StringComparison.Ordinal);

    [Fact]
    public void A_run_without_new_tokens_refuses_a_tap_on_them()
    {
        var tap = Tap.Replace(Activation.ResidPost, 1, value => value * 2);
        Assert.Equal("The tap on resid_post acts on new tokens, and this run reads none: generate at least 2 tokens.", Refusal(tap.OnNewTokens()));
        Assert.StartsWith("The tap on resid_post acts on step 3, and this run has step 0 alone", Refusal(tap.OnSteps(0, 3)), StringComparison.Ordinal);
        Assert.Equal(model.NextTokenLogits(Ids, tap), model.NextTokenLogits(Ids, tap.OnPrompt()));
    }

    [Fact]
    public void Places_that_are_there_are_patched()
    {
        using var other = model.RunWithCache([9, 8, 7, 6, 5, 4]);
        foreach (var site in Enum.GetValues<Activation>())
        {
            int? head = site.HasHeads() ? 1 : null;
            var layer = site == Activation.Embed ? 0 : 2;
            var patched = model.NextTokenLogits(Ids, Tap.Put(site, layer, ^1, other[site, layer], head));
            Assert.NotEqual(run.NextTokenLogits, patched);
        }
    }

    [Theory]
    [InlineData(Activation.ResidPost, "The tap on resid_post of layer 1 brings [1, 4, 24] where the run has [1, 6, 24]; give it a value of that shape.")]
    [InlineData(Activation.Pattern, "The tap on pattern of layer 1 brings [1, 4, 4, 4] where the run has [1, 4, 6, 6]")]
    public void An_activation_of_another_prompts_length_is_refused(Activation site, string expected)
    {
        using var shorter = model.RunWithCache(Ids[..4]);
        foreach (int? pos in new int?[] { null, 2 })
            Assert.StartsWith(expected, Refusal(Tap.Put(site, 1, pos, shorter[site, 1])), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_activation_is_refused() => Assert.Contains(
        "brings [1, 6, 40] where the run has [1, 6, 24]", Refusal(Tap.Put(Activation.MlpOut, 1, 2, run[Activation.MlpPost, 1])), StringComparison.Ordinal);

    [Fact]
    public void What_is_put_in_may_have_a_batch_axis_or_none_and_be_whole_or_the_part_alone()
    {
        using var scope = torch.NewDisposeScope();
        using var other = model.RunWithCache([9, 8, 7, 6, 5, 4]);
        foreach (var (site, pos, head) in ((Activation, int?, int?)[])[
            (Activation.ResidPost, 3, null), (Activation.ResidPost, null, null), (Activation.Z, 3, 2), (Activation.Z, 3, null), (Activation.V, null, 1),
            (Activation.Pattern, 3, 2), (Activation.Pattern, 3, null), (Activation.Pattern, null, 2), (Activation.Pattern, null, null)])
        {
            var whole = other[site, 1];
            var part = site.Part(whole, pos, head);
            var expected = Logits(whole);
            Assert.NotEqual(run.NextTokenLogits, expected);
            foreach (var form in new[] { whole[0], part, part[0] }) Assert.Equal(expected, Logits(form));

            float[] Logits(torch.Tensor value) => model.NextTokenLogits(Ids, Tap.Put(site, 1, pos, value, head));
        }
    }

    private string Refusal(params ITap[] taps) => Assert.Throws<PatchKernelException>(() => model.NextTokenLogits(Ids, taps)).Message;
}
