using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Sweeps;

/// <summary>What must hold for any transformer and any weights.</summary>
public sealed class PhysicsTests : IDisposable
{
    // float32 sums of a few dozen terms of order 1.
    private const float Tolerance = 1e-4f;

    private readonly LanguageModel model = RandomModel.Create();
    private readonly PromptPair pair = RandomModel.Pair;
    private int Layers => model.Config.NLayers;

    public void Dispose() => model.Dispose();

    [Fact]
    public void Each_block_reads_what_the_one_before_it_wrote()
    {
        using var run = model.RunWithCache(pair.Clean.Ids);
        for (var layer = 0; layer + 1 < Layers; layer++)
            Near.Equal(run[Activation.ResidPost, layer].ToFloats(), run[Activation.ResidPre, layer + 1].ToFloats(), 0, $"layer {layer}");
    }

    [Fact]
    public void The_stream_is_the_sum_of_what_is_added_to_it()
    {
        using var run = model.RunWithCache(pair.Clean.Ids);
        for (var layer = 0; layer < Layers; layer++)
        {
            using var scope = torch.NewDisposeScope();
            Near.Equal(run[Activation.ResidPre, layer].Plus(run[Activation.AttnOut, layer]).ToFloats(), run[Activation.ResidMid, layer].ToFloats(), 0, "resid_mid");
            Near.Equal(run[Activation.ResidMid, layer].Plus(run[Activation.MlpOut, layer]).ToFloats(), run[Activation.ResidPost, layer].ToFloats(), 0, "resid_post");
        }
    }

    [Fact]
    public void Each_query_spreads_its_attention_over_itself_and_the_past()
    {
        using var run = model.RunWithCache(pair.Clean.Ids, Activation.Pattern);
        using var scope = torch.NewDisposeScope();
        var pattern = run[Activation.Pattern, 1];
        Assert.All(pattern.sum(-1).ToFloats(), sum => Assert.Equal(1, sum, Tolerance));
        Assert.All(pattern.triu(1).ToFloats(), future => Assert.Equal(0, future));
    }

    [Fact]
    public void Restoring_every_position_of_a_layer_gives_the_clean_run()
    {
        using var clean = model.RunWithCache(pair.Clean.Ids, Activation.ResidPost);
        for (var layer = 0; layer < Layers; layer++)
        {
            var logits = model.NextTokenLogits(pair.Corrupt.Ids, Tap.Put(Activation.ResidPost, layer, null, clean[Activation.ResidPost, layer]));
            Near.Equal(clean.NextTokenLogits, logits, Tolerance, $"layer {layer}");
        }
    }

    [Fact]
    public void Positions_before_the_first_difference_have_no_effect()
    {
        foreach (var site in Sweep.Sites.Except([Activation.Q, Activation.K, Activation.V, Activation.Z, Activation.Pattern]))
        {
            var result = Sweep.Run(model, pair, new SweepOptions { Site = site });
            foreach (var layer in Enumerable.Range(0, Layers))
                foreach (var pos in Enumerable.Range(0, pair.DifferingPositions[0]))
                    Assert.Equal(0, result.Score(layer, pos), Tolerance);
        }
    }

    [Fact]
    public void The_last_layers_stream_matters_at_the_last_position_alone()
    {
        var result = Sweep.Run(model, pair);
        for (var pos = 0; pos < pair.Clean.Length; pos++)
            Assert.Equal(pos == pair.Clean.Length - 1 ? 1 : 0, result.Score(Layers - 1, pos), Tolerance);
    }

    [Fact]
    public void Patching_a_run_with_itself_changes_nothing()
    {
        using var corrupt = model.RunWithCache(pair.Corrupt.Ids);
        foreach (var site in Sweep.Sites)
            for (var pos = 0; pos < pair.Corrupt.Length; pos++)
                Near.Equal(corrupt.NextTokenLogits, model.NextTokenLogits(pair.Corrupt.Ids, Tap.Put(site, 1, pos, corrupt[site, 1])), Tolerance, site.Name());
    }

    [Fact]
    public void Denoising_some_positions_is_noising_all_the_others()
    {
        using var clean = model.RunWithCache(pair.Clean.Ids, Activation.ResidPost);
        using var corrupt = model.RunWithCache(pair.Corrupt.Ids, Activation.ResidPost);
        int[] chosen = [2, 5];
        int[] others = [.. Enumerable.Range(0, pair.Clean.Length).Except(chosen)];
        for (var layer = 0; layer < Layers; layer++)
        {
            var denoised = model.NextTokenLogits(pair.Corrupt.Ids, Patches(clean, layer, chosen));
            var noised = model.NextTokenLogits(pair.Clean.Ids, Patches(corrupt, layer, others));
            Near.Equal(denoised, noised, Tolerance, $"layer {layer}");
        }
    }

    [Fact]
    public void Noising_and_denoising_have_the_same_runs()
    {
        var denoising = Sweep.Run(model, pair);
        var noising = Sweep.Run(model, pair, new SweepOptions { Direction = Direction.Noising });
        Assert.Equal(denoising.CleanRun.CleanTarget, noising.CleanRun.CleanTarget);
        Assert.Equal(denoising.CorruptRun.CorruptTarget, noising.CorruptRun.CorruptTarget);
    }

    [Fact]
    public void Noising_without_effect_scores_one()
    {
        var result = Sweep.Run(model, pair, new SweepOptions { Direction = Direction.Noising });
        Assert.Equal(1, result.Score(0, 0), Tolerance);
    }

    private static ITap[] Patches(CachedRun source, int layer, int[] positions) =>
        [.. positions.Select(pos => Tap.Put(Activation.ResidPost, layer, pos, source[Activation.ResidPost, layer]))];
}
