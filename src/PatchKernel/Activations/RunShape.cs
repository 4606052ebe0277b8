namespace PatchKernel;

/// <summary>A run's layers, heads and positions, by which a tap can refuse a place that isn't there.</summary>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Positions">Number of tokens that it reads.</param>
/// <param name="Heads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key and value heads.</param>
public readonly record struct RunShape(int Layers, int Positions, int Heads, int KeyValueHeads)
{
    /// <summary>The position of its first token: 0, but for tokens that are generated, which run one at a time.</summary>
    public int FirstPosition { get; init; }

    /// <summary>Which step of a generation it is: step 0 reads the prompt, step n the nth new token. 0 outside a generation.</summary>
    public int Step { get; init; }

    /// <summary>How many steps the generation has at most; 1 outside a generation.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Number of tokens in the prompt.</summary>
    internal int PromptLength => Step == 0 ? Positions : FirstPosition - Step + 1;

    /// <summary>Number of positions that all steps read.</summary>
    internal int AllPositions => PromptLength + Steps - 1;

    /// <summary>The step that reads a position.</summary>
    internal int StepOf(int position) => Math.Max(0, position - PromptLength + 1);
}
