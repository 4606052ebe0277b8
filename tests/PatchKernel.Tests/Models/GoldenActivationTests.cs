using PatchKernel.Models;

namespace PatchKernel.Tests.Models;

/// <summary>Every activation of the forward pass, against Hugging Face transformers in float32.</summary>
public sealed class GoldenActivationTests
{
    // The order of summation differs between implementations; a wrong detail shows at 1e-2 or more.
    private const float Tolerance = 1e-4f;

    [Theory, MemberData(nameof(TinyCase.All), MemberType = typeof(TinyCase))]
    public void Activations_agree_with_transformers(string name) => CheckActivations(name, gguf: false);

    [Theory, MemberData(nameof(TinyCase.AllGguf), MemberType = typeof(TinyCase))]
    public void Activations_of_a_GGUF_file_agree_with_transformers(string name) => CheckActivations(name, gguf: true);

    [Theory, MemberData(nameof(TinyCase.All), MemberType = typeof(TinyCase))]
    public void Logits_agree_with_transformers_at_every_position(string name) => CheckLogits(name, gguf: false);

    [Theory, MemberData(nameof(TinyCase.AllGguf), MemberType = typeof(TinyCase))]
    public void Logits_of_a_GGUF_file_agree_with_transformers_at_every_position(string name) => CheckLogits(name, gguf: true);

    private static void CheckActivations(string name, bool gguf)
    {
        using var tiny = new TinyCase(name, gguf);
        foreach (var (run, ids) in new[] { ("clean", tiny.Pair.Clean.Ids), ("corrupt", tiny.Pair.Corrupt.Ids) })
        {
            using var cached = tiny.Model.RunWithCache(ids);
            foreach (var activation in Enum.GetValues<Activation>().Where(tiny.Model.Config.Makes))
            {
                var expected = tiny.Arrays.Floats($"{run}.{activation.Name()}");
                Near.Equal(expected, Kept(cached, activation, tiny.Model.Config.NLayers), Tolerance, $"{name}, {run}.{activation.Name()}");
            }
        }
    }

    private static void CheckLogits(string name, bool gguf)
    {
        using var tiny = new TinyCase(name, gguf);
        using var logits = tiny.Model.Forward(tiny.Pair.Clean.Ids);
        Near.Equal(tiny.Arrays.Floats("clean.logits"), logits.ToFloats(), Tolerance, name);
    }

    [Theory, MemberData(nameof(TinyCase.All), MemberType = typeof(TinyCase))]
    public void Best_tokens_agree_with_transformers(string name)
    {
        using var tiny = new TinyCase(name);
        var baseline = Baseline.Run(tiny.Model, tiny.Pair);
        foreach (var (run, summary) in new[] { ("clean", baseline.Clean), ("corrupt", baseline.Corrupt) })
        {
            var last = tiny.Arrays.Floats($"{run}.logits")[^tiny.Model.Config.DVocab..];
            var best = Enumerable.Range(0, last.Length).OrderByDescending(id => last[id]).Take(5);
            Assert.Equal(best, summary.Best.Select(token => token.Id));
            Near.Equal([.. tiny.Facts.GetProperty($"{run}_run").EnumerateArray().Select(logit => logit.GetSingle())], [summary.CleanTarget, summary.CorruptTarget], Tolerance, run);
        }
    }

    private static float[] Kept(CachedRun run, Activation activation, int layers) => activation switch
    {
        Activation.Embed => run[activation, 0].ToFloats(),
        Activation.FinalNorm => run[activation, layers - 1].ToFloats(),
        _ => [.. Enumerable.Range(0, layers).SelectMany(layer => run[activation, layer].ToFloats())],
    };
}
