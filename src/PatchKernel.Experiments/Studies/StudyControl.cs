namespace PatchKernel;

/// <summary>What a study's numbers are compared with.</summary>
public enum StudyControl
{
    /// <summary>A random position in place of the roles; its rows have the role <c>random</c>.</summary>
    Random,

    /// <summary>The run of another pair of the same shape, with another answer, in place of the pair's own; its rows have the source <c>shuffled</c>.</summary>
    Shuffled,
}
