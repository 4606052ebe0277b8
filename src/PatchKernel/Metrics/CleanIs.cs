namespace PatchKernel;

/// <summary>On which side of the corrupt run's number the clean run's is expected.</summary>
public enum CleanIs
{
    /// <summary>A higher number is more like the clean run.</summary>
    Higher,

    /// <summary>A lower one is.</summary>
    Lower,

    /// <summary>Neither: the number is a name, and has no score.</summary>
    Neither,
}
