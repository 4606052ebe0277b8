using PatchKernel.Models;

namespace PatchKernel;

/// <summary>The shape and the constants of a model, and what its blocks are put together from.</summary>
public sealed record ModelConfig
{
    /// <summary>Number of blocks (num_hidden_layers).</summary>
    public required int NLayers { get; init; }

    /// <summary>Number of query heads (num_attention_heads).</summary>
    public required int NHeads { get; init; }

    /// <summary>Number of key/value heads (num_key_value_heads); divides <see cref="NHeads"/>.</summary>
    public required int NKeyValueHeads { get; init; }

    /// <summary>Width of the residual stream (hidden_size).</summary>
    public required int DModel { get; init; }

    /// <summary>Width of one head (head_dim, or hidden_size / num_attention_heads); even, where it is turned whole.</summary>
    public required int DHead { get; init; }

    /// <summary>Width of the MLP (intermediate_size).</summary>
    public required int DMlp { get; init; }

    /// <summary>Size of the vocabulary (vocab_size).</summary>
    public required int DVocab { get; init; }

    /// <summary>Added to the mean square in every norm (rms_norm_eps).</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The rotary embedding's frequencies (rope_theta with rope_scaling, or rope_parameters), of most layers where they differ; null for none.</summary>
    public required RopeConfig? Rope { get; init; }

    /// <summary>The matrices that have biases (attention_bias, mlp_bias, or as the family has it).</summary>
    public Matrices Biases { get; init; }

    /// <summary>Whether the unembedding is the embedding (tie_word_embeddings).</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>Longest prompt the model was made for (max_position_embeddings).</summary>
    public required int MaxPositions { get; init; }

    /// <summary>What its blocks are put together from.</summary>
    internal PartList Parts { get; init; } = PartList.Llama;

    /// <summary>The family that it belongs to.</summary>
    internal Family Family { get; init; } = Family.Llama;

    /// <summary>What its checkpoint calls the tensors, and how they are stored.</summary>
    internal TensorLayout Layout { get; init; } = TensorLayout.Llama;

    /// <summary>What the module tree shows of the config beside shapes.</summary>
    internal TreeConstants Tree { get; init; }

    /// <summary>Entries of a head that the rotary embedding turns.</summary>
    internal int RotaryWidth => Parts.RotaryWidth ?? DHead;

    /// <summary>How a layer tells positions apart.</summary>
    internal LayerPositions PositionsOf(int layer) => Parts.Layers is { } layers ? layers[layer] : new(Rope, null);
}
