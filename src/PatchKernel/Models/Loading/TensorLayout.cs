using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>What a kind of checkpoint calls its tensors, and how it stores them.</summary>
/// <param name="Base">What stands before the names of all weights but the unembedding's own.</param>
/// <param name="Layer">What stands before a layer's number.</param>
/// <param name="Tensors">Every tensor, in the order of the forward pass; those of a layer by their names in it.</param>
internal sealed record TensorLayout(string Base, string Layer, IReadOnlyList<StoredAs> Tensors)
{
    /// <summary>The unembedding, as most families call it.</summary>
    public const string UsualHead = "lm_head.weight";

    /// <summary>As transformers stores a Llama, and most families after it.</summary>
    public static TensorLayout Llama { get; } = new("model.", "model.layers.",
    [
        new("model.embed_tokens", Slot.Embedding), new("model.norm", Slot.FinalNorm), new("lm_head", Slot.Head),
        new("input_layernorm", Slot.AttentionNorm), new("self_attn.q_proj", Slot.Query), new("self_attn.k_proj", Slot.Key), new("self_attn.v_proj", Slot.Value),
        new("self_attn.o_proj", Slot.Output), new("self_attn.q_norm", Slot.QueryNorm), new("self_attn.k_norm", Slot.KeyNorm),
        new("post_attention_layernorm", Slot.MlpNorm), new("mlp.gate_proj", Slot.Gate), new("mlp.up_proj", Slot.In), new("mlp.down_proj", Slot.Out),
    ]);

    /// <summary>As llama.cpp stores most families.</summary>
    public static TensorLayout Gguf { get; } = new("", "blk.",
    [
        new("token_embd", Slot.Embedding), new("position_embd", Slot.Positions), new("output_norm", Slot.FinalNorm), new("output", Slot.Head),
        new("attn_norm", Slot.AttentionNorm), new("attn_q", Slot.Query), new("attn_k", Slot.Key), new("attn_v", Slot.Value), new("attn_output", Slot.Output),
        new("attn_q_norm", Slot.QueryNorm), new("attn_k_norm", Slot.KeyNorm), new("post_attention_norm", Slot.AttentionOutNorm),
        new("ffn_norm", Slot.MlpNorm), new("ffn_gate", Slot.Gate), new("ffn_up", Slot.In), new("ffn_down", Slot.Out), new("post_ffw_norm", Slot.MlpOutNorm),
    ]);

    /// <summary>The same with some tensors stored otherwise: each takes the place of those that held its slots.</summary>
    public TensorLayout With(params StoredAs[] others) =>
        this with { Tensors = [.. Tensors.Where(old => !others.Any(other => other.Slots.Intersect(old.Slots).Any())), .. others] };

    /// <summary>The same with every entry of a kind changed.</summary>
    public TensorLayout Each(Func<Slot, bool> which, Func<StoredAs, StoredAs> change) =>
        this with { Tensors = [.. Tensors.Select(stored => which(stored.Slots[0]) ? change(stored) : stored)] };

    /// <summary>The tensors of a slot outside the layers: its weight, and its bias where it has one.</summary>
    public IReadOnlyList<WeightSpec> Of(ModelConfig config, Slot slot)
    {
        var stored = Tensors.First(stored => stored.Slots[0] == slot);
        return [.. stored.Specs(config, stored.Name)];
    }

    /// <summary>The tensors of a layer, in the order of the forward pass.</summary>
    public IEnumerable<WeightSpec> OfLayer(ModelConfig config, int layer) => Tensors
        .Where(stored => stored.Slots[0].IsInLayer() && stored.Slots.Any(config.Has)).OrderBy(stored => stored.Slots[0])
        .SelectMany(stored => stored.Specs(config, FormattableString.Invariant($"{Layer}{layer}.{stored.Name}")));
}

/// <summary>A tensor that a checkpoint stores, and the weights that it holds.</summary>
/// <param name="Name">Its name, without .weight or .bias.</param>
/// <param name="Slots">What it holds: one slot's weights, or rows of several, one after another.</param>
internal sealed record StoredAs(string Name, params IReadOnlyList<Slot> Slots)
{
    /// <summary>Whether a matrix is stored [in, out].</summary>
    public bool Transposed { get; init; }

    /// <summary>Whether the rows of one head of each slot lie together, and then those of the next head.</summary>
    public bool ByHead { get; init; }

    /// <summary>Whether entries that the rotary embedding turns together are stored side by side, where the model wants them half a head apart.</summary>
    public bool Interleaved { get; init; }

    /// <summary>What is added to a weight as it is stored: 1 to the w of norms that scale by 1 + w.</summary>
    public double Offset { get; init; }

    /// <summary>The weight, and the bias where there is one.</summary>
    public IEnumerable<WeightSpec> Specs(ModelConfig config, string name)
    {
        Slot[] held = [.. Slots.Where(config.Has)];
        var shape = config.ShapeOf(held[0]);
        shape[0] = held.Sum(slot => config.ShapeOf(slot)[0]);
        yield return new($"{name}.weight", Transposed ? [.. shape.Reverse()] : shape) { Holds = held, Form = this };
        if (held.Any(config.HasBias)) yield return new($"{name}.bias", [shape[0]]) { Holds = held, Form = this, IsBias = true };
    }
}

/// <summary>A tensor as the checkpoint stores it.</summary>
/// <param name="Key">The tensor's name.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record WeightSpec(string Key, long[] Shape)
{
    /// <summary>The slots whose weights, or biases, it holds.</summary>
    public IReadOnlyList<Slot> Holds { get; init; } = [];

    /// <summary>How it holds them.</summary>
    public StoredAs Form { get; init; } = new(Key);

    /// <summary>Whether it holds biases.</summary>
    public bool IsBias { get; init; }

    /// <summary>Number of its entries.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The dtype that the model has it in: norms and positions are float32 always.</summary>
    public ScalarType In(ScalarType compute) => Holds[0].IsNorm() || Holds[0] == Slot.Positions ? ScalarType.Float32 : compute;

    /// <summary>Each slot's own weight or bias, as the model computes with it.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="stored">The tensor as it was read; this method's to dispose, and perhaps the result.</param>
    /// <returns>Tensors that no dispose scope holds.</returns>
    public IReadOnlyList<(Slot Slot, Tensor Value)> Cut(ModelConfig config, Tensor stored)
    {
        if (Holds.Count == 1 && this is { Form: { Transposed: false, Interleaved: false }, Offset: 0 }) return [(Holds[0], stored)];
        using var scope = NewDisposeScope();
        using var whole = stored;
        var rows = Form.Transposed && !IsBias ? whole.t() : whole;
        if (Offset != 0) rows = rows.Plus(Offset);
        var heads = Form.ByHead ? config.NHeads : 1;
        var grouped = rows.reshape([heads, rows.shape[0] / heads, .. rows.shape[1..]]);
        var cut = new List<(Slot Slot, Tensor Value)>();
        long from = 0;
        foreach (var slot in Holds)
        {
            var count = config.ShapeOf(slot)[0] / heads;
            var own = grouped.narrow(1, from, count).reshape([heads * count, .. rows.shape[1..]]);
            cut.Add((slot, (Form.Interleaved ? Apart(own, config.DHead) : own).clone()));
            from += count;
        }
        foreach (var (_, value) in cut) value.DetachFromDisposeScope(); // all of them, or none where one can't be made
        return cut;
    }

    private double Offset => IsBias ? 0 : Form.Offset;

    /// <summary>[heads, d_head / 2, 2, ..] to [heads, 2, d_head / 2, ..].</summary>
    private static Tensor Apart(Tensor rows, int head) =>
        rows.reshape([rows.shape[0] / head, head / 2, 2, .. rows.shape[1..]]).transpose(1, 2).reshape(rows.shape);
}
