using System.Globalization;

namespace PatchKernel.Models;

/// <summary>GGUF's names of a Llama model's tensors beside Hugging Face's.</summary>
internal static class GgufNames
{
    /// <summary>What the rotary embedding's frequencies are divided by.</summary>
    public const string RopeFactors = "rope_freqs.weight";

    /// <summary>The unembedding; absent where it is the embedding.</summary>
    public const string Unembedding = "output.weight";

    private const string Layer = "blk.";
    private const string LayerKey = "model.layers.";

    private const string Dot = "."; // a name within a layer is kept with it, so that none outside a layer is like it

    private static readonly string[] Endings = [".weight", ".bias"];

    private static readonly (string Name, string Key)[] Outside =
        [("token_embd.weight", "model.embed_tokens.weight"), ("output_norm.weight", "model.norm.weight"), (Unembedding, "lm_head.weight")];

    private static readonly (string Name, string Key)[] InLayer =
    [
        ("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"),
        ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"), ("attn_output", "self_attn.o_proj"),
        ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
    ];

    private static readonly Dictionary<string, string> KeyOf = Both().ToDictionary(pair => pair.Name, pair => pair.Key);
    private static readonly Dictionary<string, string> NameOf = KeyOf.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Hugging Face's name; one that no weight has where there is none.</summary>
    public static string ToKey(string name) => Translate(name, Layer, LayerKey, KeyOf) ?? $"{name} (unknown)";

    /// <summary>GGUF's name; the key itself where it has none.</summary>
    public static string FromKey(string key) => Translate(key, LayerKey, Layer, NameOf) ?? key;

    /// <summary>Whether a tensor's rows are those of queries or keys.</summary>
    public static bool IsInterleaved(string name) => Part(name, Layer) is { Name: ".attn_q.weight" or ".attn_q.bias" or ".attn_k.weight" or ".attn_k.bias" };

    /// <summary>Whether a tensor is a bias of attention.</summary>
    public static bool IsAttentionBias(string name) =>
        Part(name, Layer) is { Name: ".attn_q.bias" or ".attn_k.bias" or ".attn_v.bias" or ".attn_output.bias" };

    /// <summary>Whether a tensor is a bias of an MLP.</summary>
    public static bool IsMlpBias(string name) => Part(name, Layer) is { Name: ".ffn_gate.bias" or ".ffn_up.bias" or ".ffn_down.bias" };

    private static IEnumerable<(string Name, string Key)> Both() =>
        [.. Outside, .. InLayer.SelectMany(pair => Endings, (pair, end) => (Dot + pair.Name + end, Dot + pair.Key + end))];

    private static string? Translate(string name, string from, string to, Dictionary<string, string> words)
    {
        if (Part(name, from) is not { } part) return words.GetValueOrDefault(name);
        return words.TryGetValue(part.Name, out var rest) ? FormattableString.Invariant($"{to}{part.Layer}{rest}") : null;
    }

    /// <summary>The layer and what follows it; null where the name isn't that of a layer's tensor.</summary>
    private static (int Layer, string Name)? Part(string name, string start)
    {
        if (!name.StartsWith(start, StringComparison.Ordinal)) return null;
        var dot = name.IndexOf('.', start.Length);
        if (dot < 0) return null;
        var digits = name.AsSpan(start.Length, dot - start.Length);
        // 007 is no layer: every tensor has one name.
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) && (digits.Length == 1 || digits[0] != '0')
            ? (layer, name[dot..])
            : null;
    }
}
