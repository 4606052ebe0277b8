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

    /// <summary>Whether attention and MLP run in parallel, so that no stream lies between them.</summary>
    internal bool HasNoResidMid { get; init; }

    /// <summary>Fails where the run doesn't make an activation.</summary>
    /// <exception cref="PatchKernelException">It doesn't.</exception>
    internal void CheckMakes(Activation activation)
    {
        if (HasNoResidMid && activation == Activation.ResidMid) throw new PatchKernelException(NoResidMid);
    }

    /// <summary>Why there is none.</summary>
    internal const string NoResidMid =
        "This model has no resid_mid: its attention and its MLP run in parallel, so both read resid_pre and no stream lies between them; choose another activation.";

    /// <summary>Number of tokens in the prompt.</summary>
    internal int PromptLength => Step == 0 ? Positions : FirstPosition - Step + 1;

    /// <summary>Number of positions that all steps read.</summary>
    internal int AllPositions => PromptLength + Steps - 1;

    /// <summary>The step that reads a position.</summary>
    internal int StepOf(int position) => Math.Max(0, position - PromptLength + 1);
}
