using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A run that kept its activations.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class CachedRun : IDisposable, IShowsHtml
{
    private const int BestTokens = 10;

    private readonly ActivationCache cache;

    internal CachedRun(string modelName, Prompt prompt, float[] nextTokenLogits, Tokenizer? tokenizer, ActivationCache cache)
    {
        (ModelName, Prompt, NextTokenLogits, this.cache) = (modelName, prompt, nextTokenLogits, cache);
        Prediction = Prediction.Of(prompt, nextTokenLogits, BestTokens, tokenizer);
    }

    /// <summary>The model that ran.</summary>
    public string ModelName { get; }

    /// <summary>What it read.</summary>
    public Prompt Prompt { get; }

    /// <summary>Logits at the last position, [d_vocab].</summary>
    public float[] NextTokenLogits { get; }

    /// <summary>The ten best next tokens.</summary>
    public Prediction Prediction { get; }

    /// <summary>The activations that it keeps; empty once it is disposed of.</summary>
    public IReadOnlyList<Activation> Kept => cache.Kept;

    /// <summary>A kept activation; axes as at <see cref="Activation"/>, with batch = 1. The run's to dispose.</summary>
    public Tensor this[Activation activation, int layer] => cache[activation, layer];

    /// <summary>Frees every kept tensor.</summary>
    public void Dispose() => cache.Dispose();

    /// <summary>The prompt, the best tokens with bars, and what is kept.</summary>
    public string ToHtml() => TokenTable.Of(this);

    /// <summary>The best token, and what is kept.</summary>
    public override string ToString()
    {
        var kept = Kept.Count == 0 ? "disposed of" : $"keeps {string.Join(", ", Kept.Select(ActivationNames.Name))}";
        return $"{ModelName}, {Prompt.Length} tokens: {Prediction.Best[0]}; {kept}";
    }
}
