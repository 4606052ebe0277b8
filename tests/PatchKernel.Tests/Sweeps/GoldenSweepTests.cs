namespace PatchKernel.Tests.Sweeps;

/// <summary>Sweeps against the reference implementations: transformers with hooks for the tiny checkpoints, nnsight for SmolLM2.</summary>
public sealed class GoldenSweepTests
{
    private const float Tolerance = 1e-4f;

    [Theory, MemberData(nameof(TinyCase.All), MemberType = typeof(TinyCase))]
    public void Every_site_and_direction_agrees_with_transformers(string name)
    {
        using var tiny = new TinyCase(name);
        foreach (var site in Sweep.SitesOf(tiny.Model.Config))
        {
            foreach (var direction in Enum.GetValues<Direction>())
            {
                var result = Sweep.Run(tiny.Model, tiny.Pair, new SweepOptions { Site = site, Direction = direction });
                var golden = $"{(direction == Direction.Denoising ? "denoise" : "noise")}.{site.Name()}";
                if (!tiny.Arrays.Names.Contains(golden)) continue; // heads have names of their own, and are compared whole
                Assert.Equal(tiny.Arrays.Shape(golden)[..2], result.Shape);
                Near.Equal(Of(tiny, golden, tiny.Pair.CleanTarget.Id), result.CleanTarget, Tolerance, $"{name}, {golden}, clean target");
                Near.Equal(Of(tiny, golden, tiny.Pair.CorruptTarget.Id), result.CorruptTarget, Tolerance, $"{name}, {golden}, corrupt target");
            }
        }
    }

    private static float[] Of(TinyCase tiny, string golden, int target) =>
        [.. tiny.Arrays.Floats(golden).Chunk(tiny.Model.Config.DVocab).Select(logits => logits[target])];
}
