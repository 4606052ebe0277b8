using System.Globalization;

namespace PatchKernel;

/// <summary>A prompt's best next tokens.</summary>
/// <param name="Prompt">The prompt; null where it isn't known.</param>
/// <param name="Best">The best tokens, best first.</param>
public sealed partial record Prediction(Prompt? Prompt, IReadOnlyList<TokenProbability> Best)
{
    /// <summary>The best tokens of some logits.</summary>
    /// <param name="prompt">The prompt that they follow.</param>
    /// <param name="logits">[d_vocab].</param>
    /// <param name="count">How many.</param>
    /// <param name="tokenizer">Gives the tokens' texts; null where there is none.</param>
    public static Prediction Of(Prompt? prompt, IReadOnlyList<float> logits, int count, Tokenizer? tokenizer)
    {
        var sum = LogSumExp(logits);
        var best = TokenLogit.Best(logits, count, tokenizer);
        return new(prompt, [.. best.Select(token => new TokenProbability(token, (float)Math.Exp(token.Logit - sum)))]);
    }

    /// <summary>The tokens with their probabilities.</summary>
    public override string ToString() => string.Join(", ", Best);

    /// <summary>What a softmax subtracts from logits; the largest is taken out first, so nothing overflows.</summary>
    internal static double LogSumExp(IReadOnlyList<float> logits)
    {
        var highest = logits.Max();
        return highest + Math.Log(logits.Sum(logit => Math.Exp(logit - highest)));
    }
}

/// <summary>A next token, its logit and its probability.</summary>
/// <param name="Token">The token and its logit.</param>
/// <param name="Probability">From 0 to 1; not a number where it isn't known.</param>
public sealed record TokenProbability(TokenLogit Token, float Probability)
{
    /// <summary>The token's text in quotes, or its id.</summary>
    public string Label => Token.Label;

    /// <summary>The token's logit.</summary>
    public float Logit => Token.Logit;

    /// <summary>The probability in per cent, one decimal.</summary>
    internal string Percent => Probability < 0.0005f ? "< 0.1 %" : FormattableString.Invariant($"{Probability:P1}");

    /// <summary>The label, and the probability or, without one, the logit.</summary>
    public override string ToString() => float.IsFinite(Probability)
        ? $"{Label} {Percent}"
        : $"{Label} {Logit.ToString("F2", CultureInfo.InvariantCulture)}";
}
