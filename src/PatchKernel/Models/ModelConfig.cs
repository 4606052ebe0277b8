namespace PatchKernel;

/// <summary>The shape and the constants of a Llama model.</summary>
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

    /// <summary>Width of one head (head_dim, or hidden_size / num_attention_heads); even.</summary>
    public required int DHead { get; init; }

    /// <summary>Width of the MLP (intermediate_size).</summary>
    public required int DMlp { get; init; }

    /// <summary>Size of the vocabulary (vocab_size).</summary>
    public required int DVocab { get; init; }

    /// <summary>Added to the mean square in every norm (rms_norm_eps).</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The rotary embedding's frequencies (rope_theta with rope_scaling, or rope_parameters).</summary>
    public required RopeConfig Rope { get; init; }

    /// <summary>Whether q, k, v and o have biases (attention_bias).</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether gate, up and down have biases (mlp_bias).</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the unembedding is the embedding (tie_word_embeddings).</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>Longest prompt the model was made for (max_position_embeddings).</summary>
    public required int MaxPositions { get; init; }
}

/// <summary>How the rotary embedding's frequencies are made.</summary>
public abstract record RopeConfig(double Theta)
{
    /// <summary>Plain frequencies, theta^(−2i / d_head); Su et al. 2021, arXiv:2104.09864.</summary>
    public sealed record Plain(double Theta) : RopeConfig(Theta);

    /// <summary>Frequencies divided by a factor; Chen et al. 2023, arXiv:2306.15595.</summary>
    public sealed record Linear(double Theta, double Factor) : RopeConfig(Theta);

    /// <summary>Llama 3.1's scaling: long wavelengths are divided by a factor, short ones kept, those between blended; Dubey et al. 2024, arXiv:2407.21783.</summary>
    public sealed record Llama3(double Theta, double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeConfig(Theta);

    /// <summary>Frequencies divided each by a number of its own, as GGUF files store Llama 3.1's scaling.</summary>
    /// <param name="Theta">The base.</param>
    /// <param name="Divisors">One for each pair of a head's entries, d_head / 2.</param>
    public sealed record Factors(double Theta, IReadOnlyList<float> Divisors) : RopeConfig(Theta)
    {
        /// <summary>Whether both divide the same frequencies by the same numbers.</summary>
        public bool Equals(Factors? other) => other is not null && Theta == other.Theta && Divisors.SequenceEqual(other.Divisors);

        /// <summary>Goes with <see cref="Equals(Factors)"/>.</summary>
        public override int GetHashCode() => HashCode.Combine(Theta, Divisors.Count);
    }
}
