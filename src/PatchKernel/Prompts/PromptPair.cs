namespace PatchKernel;

/// <summary>One token that the sweep measures.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Text">Its text, or null where only ids were given.</param>
public sealed record Target(int Id, string? Text)
{
    /// <summary>The text in quotes, or the id.</summary>
    public override string ToString() => Text is null ? $"token {Id}" : $"\"{Text}\"";
}

/// <summary>A clean and a corrupt prompt of equal length, and the token that answers each.</summary>
/// <param name="Name">The pair's name, or null where the prompts were given directly.</param>
/// <param name="Clean">The clean prompt.</param>
/// <param name="Corrupt">The corrupt prompt, of the same number of tokens.</param>
/// <param name="CleanTarget">First token of the clean prompt's answer.</param>
/// <param name="CorruptTarget">First token of the corrupt prompt's answer.</param>
public sealed record PromptPair(string? Name, Prompt Clean, Prompt Corrupt, Target CleanTarget, Target CorruptTarget)
{
    /// <summary>Positions at which the two prompts' ids differ, ascending.</summary>
    public IReadOnlyList<int> DifferingPositions =>
        [.. Enumerable.Range(0, Math.Min(Clean.Length, Corrupt.Length)).Where(pos => Clean.Ids[pos] != Corrupt.Ids[pos])];
}
