namespace PatchKernel;

/// <summary>What a check found in a row of a data file.</summary>
/// <param name="Row">The row.</param>
/// <param name="Finding">What was found.</param>
public sealed record RowFinding(DataRow Row, Finding Finding)
{
    /// <summary>The line and the finding.</summary>
    public override string ToString() => $"line {Row.Line}, {Finding}";
}
