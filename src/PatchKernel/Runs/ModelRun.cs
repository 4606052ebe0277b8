namespace PatchKernel;

/// <summary>A run of a prompt: what the model says next.</summary>
public partial class ModelRun
{
    private const int BestTokens = 10;

    internal ModelRun(string modelName, Prompt prompt, float[] nextTokenLogits, Tokenizer? tokenizer)
    {
        (ModelName, Prompt, NextTokenLogits) = (modelName, prompt, nextTokenLogits);
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

    /// <summary>What there is to say beside the tokens; empty for nothing.</summary>
    internal virtual string Remark => "";

    /// <summary>The best token.</summary>
    public override string ToString() => $"{ModelName}, {Prompt.Length} tokens: {Prediction.Best[0]}{Remark}";
}
