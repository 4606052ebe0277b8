namespace PatchKernel;

/// <summary>A clean and a corrupt prompt of equal length, and the token that answers each.</summary>
/// <param name="Name">The pair's name, or null where the prompts were given directly.</param>
/// <param name="Clean">The clean prompt.</param>
/// <param name="Corrupt">The corrupt prompt, of the same number of tokens.</param>
/// <param name="CleanTarget">First token of the clean prompt's answer.</param>
/// <param name="CorruptTarget">First token of the corrupt prompt's answer.</param>
/// <remarks>Nothing is checked here: <see cref="PairCheck"/> says what is wrong with a pair, and a sweep refuses one with errors.</remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record PromptPair(string? Name, Prompt Clean, Prompt Corrupt, Target CleanTarget, Target CorruptTarget) : IShowsHtml
{
    /// <summary>What models are known to answer, where the prompts come from a file that says so; empty elsewhere.</summary>
    public IReadOnlyList<PairModel> KnownAnswers { get; init; } = [];

    /// <summary>Positions at which the two prompts' ids differ, ascending.</summary>
    public IReadOnlyList<int> DifferingPositions =>
        [.. Enumerable.Range(0, Math.Min(Clean.Length, Corrupt.Length)).Where(pos => Clean.Ids[pos] != Corrupt.Ids[pos])];

    /// <summary>A pair of <c>prompts.json</c> in a model's tokens.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell a text, or the pair has no targets.</exception>
    public static PromptPair FromDefinition(PairDefinition pair, Tokenizer tokenizer) => (pair.Clean.Target, pair.Corrupt.Target) is ({ } clean, { } corrupt)
        ? FromTexts(pair.CleanText, pair.CorruptText, clean, corrupt, tokenizer) with { Name = pair.Name, KnownAnswers = pair.KnownAnswers }
        : throw new PatchKernelException($"The pair '{pair.Name}' has no target for {(pair.Clean.Target is null ? "its clean" : "its corrupt")} prompt, and a sweep measures both; give each side a \"target\".");

    /// <summary>Two texts and their answers in a model's tokens; of each answer the first token counts.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell a text, or an answer is empty.</exception>
    public static PromptPair FromTexts(string clean, string corrupt, string cleanTarget, string corruptTarget, Tokenizer tokenizer) => new(
        null,
        Prompt.FromText(clean, tokenizer),
        Prompt.FromText(corrupt, tokenizer),
        Target.FromText(cleanTarget, tokenizer),
        Target.FromText(corruptTarget, tokenizer));

    /// <summary>Bare ids, taken as they are: no special token is added.</summary>
    public static PromptPair FromIds(IReadOnlyList<int> clean, IReadOnlyList<int> corrupt, int cleanTarget, int corruptTarget) =>
        new(null, Prompt.FromIds(clean), Prompt.FromIds(corrupt), new Target(cleanTarget, null), new Target(corruptTarget, null));

    /// <summary>Both prompts as strips of tokens, the differing ones marked.</summary>
    public string ToHtml() => TokenStrip.Of(this);

    /// <summary>The name, the targets, and both tokenizations where they differ.</summary>
    public override string ToString()
    {
        var name = Name is null ? "" : $"{Name}: ";
        return $"{name}{CleanTarget} or {CorruptTarget}, {string.Join('\n', TokenDifference.Of(this).Lines())}";
    }
}
