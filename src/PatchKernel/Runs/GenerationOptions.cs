namespace PatchKernel;

/// <summary>How a model goes on with a text; by default it takes the best token each time, and stops at the end of its text.</summary>
public sealed record GenerationOptions
{
    /// <summary>The highest temperature there is.</summary>
    public const double MostTemperature = 100;

    /// <summary>Logits are divided by it before a token is drawn; 0, the default, takes the best token.</summary>
    public double Temperature { get; init; }

    /// <summary>Of the draws: the same seed draws the same tokens. Nothing is drawn at temperature 0.</summary>
    public int Seed { get; init; }

    /// <summary>Whether a token at which the model ends its text is the last one.</summary>
    public bool StopAtEndOfText { get; init; } = true;

    /// <summary>Fails where a prompt and so many new tokens are more than a model takes, or an option can't be.</summary>
    /// <exception cref="PatchKernelException">The message says what can't be.</exception>
    internal void Check(ModelConfig config, Prompt prompt, int maxTokens)
    {
        if (!(Temperature >= 0 && Temperature <= MostTemperature))
            throw new PatchKernelException(FormattableString.Invariant($"The temperature {Temperature} can't be; give a number from 0 to {MostTemperature}, where 0 takes the best token each time."));
        if (maxTokens < 1) throw new PatchKernelException(FormattableString.Invariant($"{maxTokens} new tokens can't be generated; ask for at least 1."));
        if ((long)prompt.Length + maxTokens > config.MaxPositions)
            throw new PatchKernelException(FormattableString.Invariant(
                $"A prompt of {prompt.Length} tokens and {maxTokens} new ones are more than the {config.MaxPositions} positions that the model was made for; ask for fewer tokens, or shorten the prompt."));
    }
}
