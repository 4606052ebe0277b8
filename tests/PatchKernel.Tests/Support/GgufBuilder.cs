using System.Globalization;
using System.Text;
using PatchKernel.Gguf;

namespace PatchKernel.Tests;

/// <summary>GGUF files by hand: right ones, and wrong ones in any way that a test wants.</summary>
internal sealed class GgufBuilder
{
    /// <summary>Number of tokens of <see cref="LanguageModel"/>.</summary>
    public const int Vocabulary = 259;

    /// <summary>The metadata, in the order of the file; a value's type is the kind that it is written as.</summary>
    public List<(string Key, object Value)> Keys { get; } = [];

    /// <summary>The tensors, in the order of the file; the axes in GGUF's order. An offset of null is the next free place.</summary>
    public List<(string Name, ulong[] Axes, uint Type, byte[] Data, ulong? Offset)> Tensors { get; } = [];

    public uint Version { get; set; } = 3;

    public uint Magic { get; set; } = 0x46554747;

    public ulong? TensorCount { get; set; }

    public ulong? KeyCount { get; set; }

    /// <summary>A Llama model of one layer with a byte-level tokenizer: tokens "ab", "abc" and "&lt;s&gt;" beside the bytes; weights of several types.</summary>
    public static GgufBuilder Llama()
    {
        var tokens = Enumerable.Range(0, 256).Select(value => TokenizerData.ByteLetter(value)).Concat(["ab", "abc", "<s>"]).ToArray();
        var gguf = new GgufBuilder()
            .Set("general.architecture", "llama").Set("general.name", "small")
            .Set("llama.block_count", 1u).Set("llama.context_length", 64u).Set("llama.embedding_length", 32u).Set("llama.feed_forward_length", 256u)
            .Set("llama.attention.head_count", 4u).Set("llama.attention.head_count_kv", 2u).Set("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set("llama.rope.dimension_count", 8u).Set("llama.rope.freq_base", 500000f)
            .Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", "gpt-2").Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", tokens.Select(token => token == "<s>" ? 3 : 1).ToArray())
            .Set("tokenizer.ggml.merges", (string[])["a b", "ab c"])
            .Set("tokenizer.ggml.bos_token_id", 258u).Set("tokenizer.ggml.add_bos_token", true);
        return gguf
            .Add("token_embd.weight", "Q8_0", 32, Vocabulary).Add("rope_freqs.weight", "F32", 4).Add("output_norm.weight", "F32", 32)
            .Add("blk.0.attn_norm.weight", "F32", 32).Add("blk.0.attn_q.weight", "Q4_0", 32, 32).Add("blk.0.attn_k.weight", "F32", 32, 16)
            .Add("blk.0.attn_v.weight", "F16", 32, 16).Add("blk.0.attn_output.weight", "Q5_1", 32, 32).Add("blk.0.ffn_norm.weight", "F32", 32)
            .Add("blk.0.ffn_gate.weight", "BF16", 32, 256).Add("blk.0.ffn_up.weight", "Q4_1", 32, 256).Add("blk.0.ffn_down.weight", "Q6_K", 256, 32);
    }

    /// <summary>The same model with a vocabulary of SentencePiece's kind: scores instead of merges, a token for the mark of a space.</summary>
    public static GgufBuilder Scored()
    {
        var gguf = Llama().Set("tokenizer.ggml.model", "llama").Without("tokenizer.ggml.pre").Without("tokenizer.ggml.merges")
            .Set("tokenizer.ggml.scores", Enumerable.Range(0, Vocabulary).Select(id => (float)-id).ToArray());
        ((string[])gguf.Keys.Single(entry => entry.Key == "tokenizer.ggml.tokens").Value)[0x20] = "▁";
        return gguf;
    }

    /// <summary>Sets a key's value, or adds it.</summary>
    public GgufBuilder Set(string key, object value)
    {
        var at = Keys.FindIndex(entry => entry.Key == key);
        if (at < 0) Keys.Add((key, value));
        else Keys[at] = (key, value);
        return this;
    }

    /// <summary>Takes a key away.</summary>
    public GgufBuilder Without(string key)
    {
        Keys.RemoveAll(entry => entry.Key == key);
        return this;
    }

    /// <summary>Adds a tensor of numbers between 0.5 and 2.5 where it is float32, else of any bits that give finite ones.</summary>
    public GgufBuilder Add(string name, string type, params ulong[] axes)
    {
        var (id, found) = Enumerable.Range(0, 64).Select(id => ((uint)id, GgufType.Of((uint)id))).Single(pair => pair.Item2?.Name == type);
        var elements = axes.Aggregate(1UL, (product, size) => product * size);
        var data = new byte[(int)elements / found!.BlockElements * found.BlockBytes];
        var random = new Random(Tensors.Count);
        if (type == "F32")
            for (var i = 0; i < data.Length; i += 4) BitConverter.TryWriteBytes(data.AsSpan(i), 0.5f + (2 * random.NextSingle()));
        else
            for (var i = 0; i < data.Length; i++) data[i] = (byte)random.Next(0x40); // no infinity, whatever the type
        Tensors.Add((name, axes, id, data, null));
        return this;
    }

    /// <summary>Changes a tensor.</summary>
    public GgufBuilder Change(
        string name, Func<(string Name, ulong[] Axes, uint Type, byte[] Data, ulong? Offset), (string, ulong[], uint, byte[], ulong?)> change)
    {
        var at = Tensors.FindIndex(tensor => tensor.Name == name);
        Tensors[at] = change(Tensors[at]);
        return this;
    }

    /// <summary>Where the data section begins.</summary>
    public int HeaderBytes => Header().Length;

    /// <summary>The file's bytes.</summary>
    public byte[] Build() => [.. Header(), .. Tensors.SelectMany(tensor => Padded(tensor.Data))];

    private byte[] Header()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)Tensors.Count);
        writer.Write(KeyCount ?? (ulong)Keys.Count);
        foreach (var (key, value) in Keys)
        {
            WriteText(writer, key);
            writer.Write(Kind(value.GetType()));
            WriteValue(writer, value);
        }
        var next = 0UL;
        foreach (var (name, axes, type, data, offset) in Tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)axes.Length);
            foreach (var size in axes) writer.Write(size);
            writer.Write(type);
            writer.Write(offset ?? next);
            next += (ulong)Padded(data).Length;
        }
        return Padded(stream.ToArray());
    }

    private static uint Kind(Type type) => type switch
    {
        _ when type == typeof(byte) => 0,
        _ when type == typeof(sbyte) => 1,
        _ when type == typeof(ushort) => 2,
        _ when type == typeof(short) => 3,
        _ when type == typeof(uint) => 4,
        _ when type == typeof(int) => 5,
        _ when type == typeof(float) => 6,
        _ when type == typeof(bool) => 7,
        _ when type == typeof(string) => 8,
        _ when type.IsArray => 9,
        _ when type == typeof(ulong) => 10,
        _ when type == typeof(long) => 11,
        _ => 12,
    };

    private static void WriteValue(BinaryWriter writer, object value)
    {
        if (value is string text) WriteText(writer, text);
        else if (value is Array array)
        {
            writer.Write(Kind(array.GetType().GetElementType()!));
            writer.Write((ulong)array.Length);
            foreach (var element in array) WriteValue(writer, element);
        }
        else if (value is bool flag) writer.Write(flag);
        else writer.Write(value switch
        {
            byte number => [number],
            sbyte number => [(byte)number],
            float number => BitConverter.GetBytes(number),
            double number => BitConverter.GetBytes(number),
            ushort or short => BitConverter.GetBytes((short)Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            uint or int => BitConverter.GetBytes((int)Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            ulong number => BitConverter.GetBytes(number),
            _ => BitConverter.GetBytes((long)value),
        });
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[(32 - (bytes.Length % 32)) % 32]];

}
