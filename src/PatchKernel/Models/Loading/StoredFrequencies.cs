using PatchKernel.Text;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The rotary embedding's frequencies that older checkpoints carry along: the config gives them, as transformers has it, so they are compared with it.</summary>
internal static class StoredFrequencies
{
    private const string Ending = "rotary_emb.inv_freq";

    // bfloat16 keeps 8 bits of a number; float16 keeps 11, but of those below 6e-5 fewer.
    private const double Relative = 1.0 / 128, Absolute = 1e-7;

    /// <summary>Whether a tensor is one of these.</summary>
    public static bool IsNameOf(string key) => key.EndsWith(Ending, StringComparison.Ordinal);

    /// <summary>A warning where some aren't those of the config; null where none are there or all are.</summary>
    public static string? Warning(ITensorSource source, ModelConfig config, string path)
    {
        var stored = source.Tensors.Where(tensor => IsNameOf(tensor.Key)).ToList();
        if (stored.Count == 0 || config.Rope is not { } rope) return null;
        TorchRuntime.EnsureLoaded();
        // Linear scaling divided positions before it divided frequencies.
        RopeConfig[] ropes = rope is RopeConfig.Linear linear ? [linear, new RopeConfig.Plain(linear.Theta)] : [rope];
        var expected = ropes.Select(one => one.Frequencies(config.RotaryWidth, length: 0)).ToList();
        var others = stored.Where(tensor => !IsOneOf(source, tensor, expected)).ToList();
        return others.Count == 0 ? null
            : $"'{path}' has frequencies of the rotary embedding that aren't those of its config, in {Excerpt.List(others, tensor => Excerpt.Text(tensor.Label))}: "
            + "the config's are used, as transformers does; if the others are meant, change rope_theta or rope_scaling.";
    }

    private static bool IsOneOf(ITensorSource source, SourceTensor tensor, List<float[]> expected)
    {
        if (tensor.Dtype is null || !tensor.Shape.SequenceEqual([expected[0].Length])) return false;
        using var scope = NewDisposeScope();
        var values = source.Read(tensor.Key, rows: null, ScalarType.Float32, CPU).data<float>().ToArray();
        return expected.Any(all => all.Zip(values).All(pair => Math.Abs(pair.First - pair.Second) <= Relative * pair.First + Absolute));
    }
}
