namespace PatchKernel;

/// <summary>One token that the sweep measures.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Text">Its text, or null where only ids were given.</param>
public sealed record Target(int Id, string? Text)
{
    /// <summary>The whole answer, where it is longer than its first token; else null.</summary>
    public string? Answer { get; init; }

    /// <summary>The first token of an answer; leading spaces count.</summary>
    /// <exception cref="PatchKernelException">The answer is empty, or the tokenizer can't spell it.</exception>
    public static Target FromText(string answer, Tokenizer tokenizer)
    {
        var ids = tokenizer.Encode(answer, addSpecialTokens: false);
        if (ids.Count == 0)
            throw new PatchKernelException("A target is empty; give the text that the model should answer with, its leading space included.");
        return new(ids[0], tokenizer.TokenText(ids[0])) { Answer = ids.Count > 1 ? answer : null };
    }

    /// <summary>The text in quotes, or the id.</summary>
    public override string ToString() => Text is null ? $"token {Id}" : Quoted.Text(Text);
}
