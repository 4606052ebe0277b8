namespace PatchKernel;

/// <summary>A prompt as the model reads it.</summary>
/// <param name="Text">The text it came from, without special tokens; null where only ids were given.</param>
/// <param name="Ids">Token ids, special tokens included.</param>
/// <param name="Tokens">The text of each token, one an id; null where only ids were given.</param>
public sealed record Prompt(string? Text, IReadOnlyList<int> Ids, IReadOnlyList<string>? Tokens)
{
    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Count;

    /// <summary>A prompt of bare ids, taken as they are.</summary>
    public static Prompt FromIds(IReadOnlyList<int> ids) => new(null, ids, null);
}
