namespace PatchKernel;

/// <summary>One row of a study's table of pairs: both unpatched runs.</summary>
public sealed record PairRow
{
    internal const string NotAnswered = "not answered rightly in both runs";

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The pair's name.</summary>
    public required string Pair { get; init; }

    /// <summary>Its line in the data file.</summary>
    public required int Line { get; init; }

    /// <summary>The clean prompt.</summary>
    public required string Clean { get; init; }

    /// <summary>The corrupt prompt.</summary>
    public required string Corrupt { get; init; }

    /// <summary>The clean target's text; of several the first.</summary>
    public required string CleanTarget { get; init; }

    /// <summary>The corrupt target's text.</summary>
    public required string CorruptTarget { get; init; }

    /// <summary>Tokens of the clean prompt.</summary>
    public required int CleanTokens { get; init; }

    /// <summary>Tokens of the corrupt prompt.</summary>
    public required int CorruptTokens { get; init; }

    /// <summary>The clean run's best token.</summary>
    public required string CleanBest { get; init; }

    /// <summary>The corrupt run's best token.</summary>
    public required string CorruptBest { get; init; }

    /// <summary>Whether the best token is a right one in both runs.</summary>
    public required bool Answered { get; init; }

    /// <summary>Why the pair has no results: the model doesn't answer it, its runs don't differ, or logits aren't finite; null where it has.</summary>
    public string? LeftOut { get; init; }

    /// <summary>The controls that the pair can't have, such as <c>shuffled</c> where no other pair has its shape and another answer; null where it has all.</summary>
    public string? LacksControls { get; init; }

    /// <summary>Each metric's name and its number in both runs, <c>clean_target</c> and <c>corrupt_target</c> (the targets' logits) among them.</summary>
    public required IReadOnlyDictionary<string, (float Clean, float Corrupt)> Values { get; init; }

    /// <summary>Further columns of the data file.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();
}
