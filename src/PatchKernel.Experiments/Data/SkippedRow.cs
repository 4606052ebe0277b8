namespace PatchKernel;

/// <summary>A row of a data file that can't be used.</summary>
/// <param name="Line">The line that it begins on.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record SkippedRow(int Line, string Reason)
{
    /// <summary>The line and the reason.</summary>
    public override string ToString() => $"line {Line}: {Reason}";
}
