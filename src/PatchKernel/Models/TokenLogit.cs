namespace PatchKernel;

/// <summary>A next token and its logit.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Text">Its text, or null without a tokenizer.</param>
/// <param name="Logit">Its logit at the last position.</param>
public sealed record TokenLogit(int Id, string? Text, float Logit)
{
    /// <summary>The token's text in quotes, or its id.</summary>
    public string Label => new Target(Id, Text).ToString();

    /// <summary>The tokens with the highest logits, best first; the lower id first among equals.</summary>
    public static IReadOnlyList<TokenLogit> Best(IReadOnlyList<float> logits, int count, Tokenizer? tokenizer) =>
        [.. Enumerable.Range(0, logits.Count).OrderByDescending(id => logits[id]).Take(count)
            .Select(id => new TokenLogit(id, tokenizer?.TokenText(id), logits[id]))];
}
