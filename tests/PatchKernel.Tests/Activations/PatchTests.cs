using TorchSharp;

namespace PatchKernel.Tests.Activations;

/// <summary>A patch that couldn't do what it says is an error: left alone, the run would look like one without effect.</summary>
public sealed class PatchTests : IDisposable
{
    private static readonly int[] Ids = [1, 2, 3, 4, 5, 6];

    private readonly Llama model = RandomModel.Create(); // 3 layers, 4 heads, 2 of keys and values
    private readonly CachedRun run;

    public PatchTests() => run = model.RunWithCache(Ids);

    public void Dispose()
    {
        run.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData(Activation.ResidPost, 12, null, null, "The patch of resid_post is at layer 12, and there it has layers 0 to 2; choose one of these.")]
    [InlineData(Activation.ResidPost, -1, null, null, "is at layer -1")]
    [InlineData(Activation.Embed, 1, null, null, "The patch of embed is at layer 1, and there it has layer 0 alone")]
    [InlineData(Activation.FinalNorm, 0, null, null, "The patch of final_norm is at layer 0, and there it has layer 2 alone")]
    [InlineData(Activation.ResidPost, 1, 6, null, "is at position 6, and there it has positions 0 to 5")]
    [InlineData(Activation.MlpOut, 1, -1, null, "is at position -1")]
    [InlineData(Activation.Pattern, 1, 6, 0, "is at position 6")]
    [InlineData(Activation.Z, 1, 2, 4, "is at head 4, and there it has heads 0 to 3")]
    [InlineData(Activation.K, 1, 2, 2, "is at head 2, and there it has heads 0 to 1")]
    [InlineData(Activation.Pattern, 1, 2, -1, "is at head -1")]
    [InlineData(Activation.ResidPost, 1, 2, 3, "names head 3, and resid_post has no heads; leave the head out.")]
    public void A_place_that_isnt_there_is_refused(Activation site, int layer, int? pos, int? head, string expected)
    {
        var patch = new Patch(site, layer, pos, run[site, Math.Clamp(layer, site == Activation.FinalNorm ? 2 : 0, site == Activation.Embed ? 0 : 2)], head);
        Assert.Contains(expected, Refusal(patch), StringComparison.Ordinal);
        Assert.Contains(expected, Refusal(new TapSequence(new ActivationCache(), patch)), StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<PatchKernelException>(() => model.Forward(Ids, patch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_that_are_there_are_patched()
    {
        using var other = model.RunWithCache([9, 8, 7, 6, 5, 4]);
        foreach (var site in Enum.GetValues<Activation>())
        {
            int? head = site is Activation.Q or Activation.K or Activation.V or Activation.Z or Activation.Pattern ? 1 : null;
            var layer = site == Activation.Embed ? 0 : 2;
            var patched = model.NextTokenLogits(Ids, new Patch(site, layer, Ids.Length - 1, other[site, layer], head));
            Assert.NotEqual(run.NextTokenLogits, patched);
        }
    }

    [Theory]
    [InlineData(Activation.ResidPost, "The patch of resid_post in layer 1 brings [1, 4, 24] where the run has [1, 6, 24]")]
    [InlineData(Activation.Pattern, "The patch of pattern in layer 1 brings [1, 4, 4, 4] where the run has [1, 4, 6, 6]")]
    public void A_source_of_another_prompts_length_is_refused(Activation site, string expected)
    {
        using var shorter = model.RunWithCache(Ids[..4]);
        foreach (int? pos in new int?[] { null, 2 })
            Assert.StartsWith(expected, Refusal(new Patch(site, 1, pos, shorter[site, 1])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_of_another_activation_or_without_its_batch_is_refused()
    {
        Assert.Contains("brings [1, 6, 40] where the run has [1, 6, 24]", Refusal(new Patch(Activation.MlpOut, 1, 2, run[Activation.MlpPost, 1])), StringComparison.Ordinal);
        using var scope = torch.NewDisposeScope();
        Assert.Contains("brings [6, 24] where the run has [1, 6, 24]", Refusal(new Patch(Activation.MlpOut, 1, 2, run[Activation.MlpOut, 1][0])), StringComparison.Ordinal);
    }

    private string Refusal(ITap tap) => Assert.Throws<PatchKernelException>(() => model.NextTokenLogits(Ids, tap)).Message;
}
