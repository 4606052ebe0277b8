using PatchKernel.Models;
using PatchKernel.Sweeps;
using TorchSharp;

namespace PatchKernel.Tests.Sweeps;

/// <summary>The wavefront's logits, whole, against transformers with hooks: every array of the golden data.</summary>
public sealed class GoldenWavefrontTests
{
    private const float Tolerance = 1e-4f;

    private static readonly (string Golden, Func<Site> Site, int Window)[] Sites =
    [
        ("resid_pre", () => SiteTable.Of(Activation.ResidPre, null), 1), ("resid_mid", () => SiteTable.Of(Activation.ResidMid, null), 1), ("resid_post", () => SiteTable.Of(Activation.ResidPost, null), 1),
        ("attn_out", () => SiteTable.Of(Activation.AttnOut, null), 1), ("mlp_out", () => SiteTable.Of(Activation.MlpOut, null), 1), ("mlp_post", () => SiteTable.Of(Activation.MlpPost, null), 1),
        ("q_by_pos", () => SiteTable.Of(Activation.Q, Positions.Each), 1), ("q_all_pos", () => SiteTable.Of(Activation.Q, Positions.All), 1),
        ("k_by_pos", () => SiteTable.Of(Activation.K, Positions.Each), 1), ("k_all_pos", () => SiteTable.Of(Activation.K, Positions.All), 1),
        ("v_by_pos", () => SiteTable.Of(Activation.V, Positions.Each), 1), ("v_all_pos", () => SiteTable.Of(Activation.V, Positions.All), 1),
        ("z_by_pos", () => SiteTable.Of(Activation.Z, Positions.Each), 1), ("z_all_pos", () => SiteTable.Of(Activation.Z, Positions.All), 1),
        ("pattern_by_dest", () => SiteTable.Of(Activation.Pattern, Positions.Each), 1), ("pattern_all_pos", () => SiteTable.Of(Activation.Pattern, Positions.All), 1),
        ("window3.attn_out", () => SiteTable.Of(Activation.AttnOut, null), 3), ("window3.mlp_out", () => SiteTable.Of(Activation.MlpOut, null), 3),
    ];

    [Theory, MemberData(nameof(TinyCase.All), MemberType = typeof(TinyCase))]
    public void Every_grid_agrees_with_transformers(string name)
    {
        using var tiny = new TinyCase(name);
        Lane[] lanes = [new(tiny.Pair.Clean.Ids), new(tiny.Pair.Corrupt.Ids)];
        foreach (var (golden, site, window) in Sites.Where(site => tiny.Model.Config.Makes(site.Site().Activation)))
        {
            Check(tiny, $"denoise.{golden}", lanes, new SweepTask(1, new PatchValue.FromLane(0), site(), window));
            if (tiny.Arrays.Names.Contains($"noise.{golden}"))
                Check(tiny, $"noise.{golden}", lanes, new SweepTask(0, new PatchValue.FromLane(1), site(), window));
            if (tiny.Arrays.Names.Contains($"zero.{golden}"))
                Check(tiny, $"zero.{golden}", lanes, new SweepTask(0, new PatchValue.Zero(), site(), window));
        }
    }

    [Theory, MemberData(nameof(TinyCase.All), MemberType = typeof(TinyCase))]
    public void Runs_with_noise_on_their_embeddings_agree_with_transformers(string name)
    {
        using var tiny = new TinyCase(name);
        var shape = tiny.Arrays.Shape("gauss.noise"); // [samples, pos, d_model]
        foreach (var (noise, sample) in tiny.Arrays.Floats("gauss.noise").Chunk(shape[1] * shape[2]).Select((noise, sample) => (noise, sample)))
        {
            using var added = torch.tensor(noise, shape[1], shape[2]);
            Lane[] lanes = [new(tiny.Pair.Clean.Ids), new(tiny.Pair.Clean.Ids, added)];
            foreach (var (golden, site) in new (string, Site)[] { ("resid_post", SiteTable.Of(Activation.ResidPost, null)), ("mlp_out", SiteTable.Of(Activation.MlpOut, null)) })
            {
                var task = new SweepTask(1, new PatchValue.FromLane(0), site, 1);
                var expected = tiny.Arrays.Floats($"gauss.denoise.{golden}");
                var size = expected.Length / shape[0];
                Near.Equal(expected.AsSpan(sample * size, size), AllLogits(tiny.Model, lanes, task), Tolerance, $"{name}, gauss.denoise.{golden}, sample {sample}");
            }
            using var naive = new NaiveSweep(tiny.Model, lanes, []);
            var corrupt = tiny.Arrays.Floats("gauss.corrupt").AsSpan(sample * tiny.Model.Config.DVocab, tiny.Model.Config.DVocab);
            Near.Equal(corrupt, naive.RunLanes(default)[1], Tolerance, $"{name}, gauss.corrupt, sample {sample}");
        }
    }

    private static void Check(TinyCase tiny, string golden, Lane[] lanes, SweepTask task)
    {
        var shape = task.Site.Shape(tiny.Model.Config, tiny.Pair.Clean.Length);
        Assert.Equal(tiny.Arrays.Shape(golden)[..^1], shape);
        Near.Equal(tiny.Arrays.Floats(golden), AllLogits(tiny.Model, lanes, task), Tolerance, golden);
        // As where memory is short: by about three rows, whatever layer they are of.
        var room = 3 * SweepMemory.Row(tiny.Model.Config, lanes[0].Ids.Count);
        Near.Equal(tiny.Arrays.Floats(golden), AllLogits(tiny.Model, lanes, task, room), Tolerance, $"{golden} in groups");
        using var naive = new NaiveSweep(tiny.Model, lanes, [task]);
        naive.RunLanes(default);
        using var scope = torch.NewDisposeScope();
        float[] plain = [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).SelectMany(cell => naive.Run(task, cell, default).ToFloats())];
        Near.Equal(tiny.Arrays.Floats(golden), plain, Tolerance, $"naive {golden}");
    }

    private static float[] AllLogits(LanguageModel model, Lane[] lanes, SweepTask task, long room = long.MaxValue)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var cells = task.Site.Shape(model.Config, lanes[0].Ids.Count).Aggregate(1, (a, b) => a * b);
        var logits = new float[cells][];
        new Wavefront(model, lanes, [task]).Run(CellGroup.Plan(model.Config, lanes, [task], room), rows => rows.ForEach(Read), _ => { }, default);
        return [.. logits.SelectMany(row => row)];

        void Read(Rows group)
        {
            var read = model.Unembedding.Forward(model.FinalNorm.Forward(group.Resid.select(1, -1))).ToFloats().Chunk(model.Config.DVocab).ToArray();
            if (group.IsLane && group.Lane == task.Base) logits = [.. logits.Select(row => row ?? read[0])];
            for (var run = 0; run < group.Cells.Length; run++) logits[group.Cells[run]] = read[run];
        }
    }
}
