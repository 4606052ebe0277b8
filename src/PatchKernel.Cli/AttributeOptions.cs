using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>The options of <c>attribute</c> that edges and cells share.</summary>
/// <param name="Method">How they are estimated.</param>
/// <param name="Steps">Points of a path.</param>
/// <param name="Points">Which they are.</param>
/// <param name="Direction">Which run is patched.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Check">How many are computed exactly too.</param>
/// <param name="Seed">Of what is drawn.</param>
internal sealed record AttributeOptions(
    Option<string> Method, Option<int?> Steps, Option<string> Points, Option<string> Direction, Option<string?> Metric, Option<int?> Check, Option<int?> Seed)
{
    /// <summary>Which of a path's points gradients are taken at.</summary>
    public PathPoints PointsOf(ParseResult parse) => parse.GetValue(Points) == "from-one" ? PathPoints.FromOne : PathPoints.FromZero;

    /// <summary>Which run is patched.</summary>
    public Direction DirectionOf(ParseResult parse) => parse.GetValue(Direction) == "noising" ? PatchKernel.Direction.Noising : PatchKernel.Direction.Denoising;

    /// <summary>The seed of what is drawn.</summary>
    public int SeedOf(ParseResult parse) => parse.GetValue(Seed) ?? 0;
}
