using CsCheck;
using PatchKernel.Models;

namespace PatchKernel.Tests.Hostile;

/// <summary>Changes of what a GGUF file's header says.</summary>
internal static class GgufChange
{
    private static readonly Gen<ulong> Telling = ByteChange.Telling;

    private static readonly Gen<object> Value = Pick.From<object>(
        0u, 1u, 2u, 8u, 32u, uint.MaxValue, -1, (byte)1, (sbyte)-1, (ushort)8, (short)-8, ulong.MaxValue, long.MinValue,
        1.5f, 1e-40f, 1e-30, 1e300, float.NaN, float.PositiveInfinity, 0.0, double.MaxValue, double.Epsilon, true, false,
        "", "llama", "gpt2", "gptneox", "gemma3", "llama-bpe", "smollm", "default", "linear", "none", "yarn", "longrope", new string('x', 1 << 20), "a\nb\u2028c\u001b[31m",
        Array.Empty<string>(), (string[])["a", "b", "a b"], (string[])["a b", "a b"], (string[])["\u001b\n", "\u001b\n"], (string[])[new string('a', 1 << 20)], new int[GgufBuilder.Vocabulary], (int[])[1, 2],
        (string[][])[["a"], []], (int[][][][][])[[[[[1]]]]], (float[])[1, 2], new float[GgufBuilder.Vocabulary], Enumerable.Repeat(float.NaN, GgufBuilder.Vocabulary).ToArray(), (bool[])[true], new byte[1 << 20], Numbers(300_000), new string[100_000].Select(_ => "").ToArray());

    /// <summary>Any change of a file.</summary>
    /// <param name="good">Makes the file; its metadata begins with the architecture.</param>
    public static Gen<Change<GgufBuilder>> Any(Func<GgufBuilder> good)
    {
        var (key, name) = (KeyOf(good()), NameOf(good()));
        var which = Gen.Int[0, good().Tensors.Count - 1];
        return Gen.OneOf(
            Gen.Select(key, Value, (key, value) => Of($"{key} is {Show(value)}", gguf => gguf.Set(key, value))),
            Gen.Select(key, Value, (key, value) => Of($"{key} once more, {Show(value)}", gguf => gguf.Keys.Add((key, value)))),
            key.Select(key => Of($"without {key}", gguf => gguf.Without(key))),
            OfTensor(which, name, (tensor, name) => tensor with { Name = name }),
            OfTensor(which, Gen.UInt[0, 40], (tensor, type) => tensor with { Type = type }),
            OfTensor(which, Telling, (tensor, offset) => tensor with { Offset = offset }),
            OfTensor(which, Telling.Array[0, 5], (tensor, axes) => tensor with { Axes = axes }),
            OfTensor(which, Gen.Float.Array[1, 64], (tensor, values) => tensor with { Data = [.. values.SelectMany(BitConverter.GetBytes), .. tensor.Data.Skip(4 * values.Length)] }),
            Telling.Select(count => Of($"{count} tensors", gguf => gguf.TensorCount = count)),
            Telling.Select(count => Of($"{count} keys", gguf => gguf.KeyCount = count)),
            Gen.UInt[0, 5].Select(version => Of($"version {version}", gguf => gguf.Version = version)));
    }

    private static Gen<string> NameOf(GgufBuilder good) => Pick.From([.. good.Tensors.Select(tensor => tensor.Name), "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight",
        "output.weight", "blk.1.attn_q.weight", "blk.00.attn_q.weight", "blk.0.attn_q.bias", "model.norm.weight", "blk.99999999999.attn_q.weight", "blk..weight", "", "x\ny\u001b[31m",
        "../outside.gguf", new string('n', 255)]);

    private static Gen<string> KeyOf(GgufBuilder good)
    {
        var architecture = good.Keys[0].Value;
        string[] own = [.. GgufConfigReader.AcceptedAt.Keys, "flux", "\u001b[31m\n", "rope.scaling.factor", "rope.scaling.type", "rope.freq_base", "rope.dimension_count", "vocab_size", "attention.key_length"];
        return Pick.From([.. good.Keys.Select(entry => entry.Key), .. own.Select(key => $"{architecture}.{key}"), "general.alignment",
            "tokenizer.ggml.eos_token_id", "tokenizer.ggml.add_eos_token", "tokenizer.ggml.scores", "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.unknown_token_id", "split.count"]);
    }

    private static Gen<Change<GgufBuilder>> OfTensor<T>(
        Gen<int> which, Gen<T> value, Func<(string Name, ulong[] Axes, uint Type, byte[] Data, ulong? Offset), T, (string, ulong[], uint, byte[], ulong?)> change) =>
        Gen.Select(which, value, (which, to) => Of($"tensor {which}: {Show(to!)}", gguf => gguf.Tensors[which] = change(gguf.Tensors[which], to)));

    private static Change<GgufBuilder> Of(string what, Action<GgufBuilder> change) => new(what, gguf =>
    {
        change(gguf);
        return gguf;
    });

    private static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString("x", System.Globalization.CultureInfo.InvariantCulture))];

    private static string Show(object value) => value switch
    {
        string { Length: > 50 } text => $"{text.Length} letters",
        Array array => $"{array.Length} of {array.GetType().GetElementType()}: {string.Join(", ", array.Cast<object>().Take(5))}",
        _ => FormattableString.Invariant($"{value}"),
    };
}
