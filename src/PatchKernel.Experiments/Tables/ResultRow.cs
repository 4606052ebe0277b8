namespace PatchKernel;

/// <summary>One row of a study's table of results: a cell of a pair's sweep, by one metric.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Pair">The pair's name.</param>
/// <param name="Site">What was patched, or a role's control.</param>
/// <param name="Direction"><c>denoising</c> or <c>noising</c>.</param>
/// <param name="Source">What was put in: <c>other</c>, <c>zero</c>, <c>mean</c>, <c>noise</c>; <c>shuffled</c> of the control that takes another pair's run.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Pos">The position in the clean prompt, where the cell is one position.</param>
/// <param name="Token">Its token's text.</param>
/// <param name="Role">The role, where the study goes by roles; <c>random</c> of the control that takes a random position.</param>
/// <param name="Head">The head, where the cell is one.</param>
/// <param name="Metric">The metric's name.</param>
/// <param name="Value">Its number.</param>
/// <param name="Score">The normalised score; null where the metric has none.</param>
public sealed record ResultRow(
    string Model, string Pair, string Site, string Direction, string Source, int Layer, int? Pos, string? Token, string? Role, int? Head, string Metric, float Value, float? Score)
{
    /// <summary>How many layers were patched together.</summary>
    public int Window { get; init; } = 1;
}
