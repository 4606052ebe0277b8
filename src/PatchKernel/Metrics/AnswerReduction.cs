namespace PatchKernel;

/// <summary>How the values of several answers become one.</summary>
public enum AnswerReduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>log Σ exp: of log probabilities, that of the answers' total probability.</summary>
    LogSumExp,
}
