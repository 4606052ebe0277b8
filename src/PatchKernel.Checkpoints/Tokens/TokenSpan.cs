namespace PatchKernel;

/// <summary>Some tokens of a prompt that stand together, such as its subject's.</summary>
/// <param name="Start">The first token's position.</param>
/// <param name="End">The position behind the last token.</param>
public readonly record struct TokenSpan(int Start, int End)
{
    /// <summary>Number of tokens.</summary>
    public int Length => End - Start;

    /// <summary>The positions, ascending.</summary>
    public IReadOnlyList<int> Positions => [.. Enumerable.Range(Start, Length)];

    /// <summary>As <c>3 to 5</c>, the last position included.</summary>
    public override string ToString() => Length == 1 ? $"{Start}" : $"{Start} to {End - 1}";
}

/// <summary>A range of a text, in code points (an emoji counts as one).</summary>
/// <param name="Start">The first one.</param>
/// <param name="End">The one behind the last.</param>
public readonly record struct TextRange(int Start, int End);
