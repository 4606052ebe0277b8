using PatchKernel.Prompts;

namespace PatchKernel;

/// <summary>A clean and a corrupt prompt, and the answers to each; of equal length, unless they are swept by role.</summary>
/// <param name="Name">The pair's name, or null where the prompts were given directly.</param>
/// <param name="Clean">The clean prompt.</param>
/// <param name="Corrupt">The corrupt prompt.</param>
/// <param name="CleanTarget">The clean prompt's answer, or the first of several.</param>
/// <param name="CorruptTarget">The corrupt prompt's answer, or the first of several.</param>
/// <remarks>Nothing is checked here: <see cref="PairCheck"/> says what is wrong with a pair, and a sweep refuses one with errors.</remarks>
public sealed partial record PromptPair(string? Name, Prompt Clean, Prompt Corrupt, Target CleanTarget, Target CorruptTarget)
{
    private readonly IReadOnlyList<Target> furtherClean = [];
    private readonly IReadOnlyList<Target> furtherCorrupt = [];

    /// <summary>Every right answer to the clean prompt, <see cref="CleanTarget"/> first; metrics take them together.</summary>
    /// <exception cref="PatchKernelException">There is none.</exception>
    public IReadOnlyList<Target> CleanTargets
    {
        get => [CleanTarget, .. furtherClean];
        init => (CleanTarget, furtherClean) = Split(value);
    }

    /// <summary>Every right answer to the corrupt prompt, <see cref="CorruptTarget"/> first: wrong ones to the clean prompt.</summary>
    /// <exception cref="PatchKernelException">There is none.</exception>
    public IReadOnlyList<Target> CorruptTargets
    {
        get => [CorruptTarget, .. furtherCorrupt];
        init => (CorruptTarget, furtherCorrupt) = Split(value);
    }

    /// <summary>What models are known to answer, where the prompts come from a file that says so; empty elsewhere.</summary>
    public IReadOnlyList<PairModel> KnownAnswers { get; init; } = [];

    /// <summary>Positions at which the two prompts' ids differ, ascending.</summary>
    public IReadOnlyList<int> DifferingPositions =>
        [.. Enumerable.Range(0, Math.Min(Clean.Length, Corrupt.Length)).Where(pos => Clean.Ids[pos] != Corrupt.Ids[pos])];

    /// <summary>A pair of <c>prompts.json</c> in a model's tokens; what its template's places hold are spans, <c>subject</c> and <c>options[0]</c> on.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell a text, or the pair has no targets.</exception>
    public static PromptPair FromDefinition(PairDefinition pair, Tokenizer tokenizer) => pair.HasTargets
        ? FromPrompts(pair.Filled(pair.Clean).In(tokenizer), pair.Filled(pair.Corrupt).In(tokenizer), pair.Clean.Targets, pair.Corrupt.Targets, tokenizer) with
        {
            Name = pair.Name,
            KnownAnswers = pair.KnownAnswers,
        }
        : throw new PatchKernelException($"The pair '{pair.Name}' has no target for {(pair.Clean.Target is null ? "its clean" : "its corrupt")} prompt, and a sweep measures both; give each side a \"target\".");

    /// <summary>Two texts and their answers in a model's tokens; of each answer most metrics read the first token.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell a text, or an answer is empty.</exception>
    public static PromptPair FromTexts(string clean, string corrupt, string cleanTarget, string corruptTarget, Tokenizer tokenizer) =>
        FromTexts(clean, corrupt, [cleanTarget], [corruptTarget], tokenizer);

    /// <summary>Two texts, and several right answers to each.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell a text, or a prompt has no answer or an empty one.</exception>
    public static PromptPair FromTexts(
        string clean, string corrupt, IReadOnlyList<string> cleanTargets, IReadOnlyList<string> corruptTargets, Tokenizer tokenizer) =>
        FromPrompts(Prompt.FromText(clean, tokenizer), Prompt.FromText(corrupt, tokenizer), cleanTargets, corruptTargets, tokenizer);

    /// <summary>Two prompts that are in a model's tokens already, such as conversations, and their answers.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell an answer, or a prompt has no answer or an empty one.</exception>
    public static PromptPair FromPrompts(Prompt clean, Prompt corrupt, IReadOnlyList<string> cleanTargets, IReadOnlyList<string> corruptTargets, Tokenizer tokenizer) => Of(
        clean, corrupt, [.. cleanTargets.Select(answer => Target.FromText(answer, tokenizer, clean))], [.. corruptTargets.Select(answer => Target.FromText(answer, tokenizer, corrupt))]);

    /// <summary>The pair with a name for some words of each prompt, such as <c>subject</c>, for a sweep by roles: a span is every token that overlaps them.</summary>
    /// <param name="name">The span's name.</param>
    /// <param name="clean">The clean prompt's words, which stand there once.</param>
    /// <param name="corrupt">The corrupt prompt's words.</param>
    /// <param name="tokenizer">The tokenizer that the prompts were made with.</param>
    /// <exception cref="PatchKernelException">A prompt doesn't have its words exactly once, or the name means something else.</exception>
    public PromptPair WithSpan(string name, string clean, string corrupt, Tokenizer tokenizer) =>
        this with { Clean = Clean.WithSpan(name, clean, tokenizer), Corrupt = Corrupt.WithSpan(name, corrupt, tokenizer) };

    /// <summary>Bare ids, taken as they are: no special token is added.</summary>
    public static PromptPair FromIds(IReadOnlyList<int> clean, IReadOnlyList<int> corrupt, int cleanTarget, int corruptTarget) =>
        FromIds(clean, corrupt, [cleanTarget], [corruptTarget]);

    /// <summary>Bare ids, and several right answers of one token each.</summary>
    /// <exception cref="PatchKernelException">A prompt has no answer.</exception>
    public static PromptPair FromIds(
        IReadOnlyList<int> clean, IReadOnlyList<int> corrupt, IReadOnlyList<int> cleanTargets, IReadOnlyList<int> corruptTargets) => Of(
        Prompt.FromIds(clean), Prompt.FromIds(corrupt), [.. cleanTargets.Select(id => new Target(id, null))], [.. corruptTargets.Select(id => new Target(id, null))]);

    /// <summary>The name, the targets, and both tokenizations where they differ.</summary>
    public override string ToString()
    {
        var name = Name is null ? "" : $"{Name}: ";
        return $"{name}{Target.Listed(CleanTargets)} or {Target.Listed(CorruptTargets)}, {string.Join('\n', new TokenDifference(this).Lines())}";
    }

    private static PromptPair Of(Prompt clean, Prompt corrupt, IReadOnlyList<Target> cleanTargets, IReadOnlyList<Target> corruptTargets) =>
        new(null, clean, corrupt, Split(cleanTargets).First, Split(corruptTargets).First) { CleanTargets = cleanTargets, CorruptTargets = corruptTargets };

    private static (Target First, IReadOnlyList<Target> Further) Split(IReadOnlyList<Target> targets) => targets.Count > 0
        ? (targets[0], [.. targets.Skip(1)])
        : throw new PatchKernelException("A prompt has no target; give at least one answer to each.");
}
