namespace PatchKernel.Tests.Docs;

/// <summary>What the page on attribution says of estimated cells.</summary>
internal static class NodeStatements
{
    public static Statement[] All { get; } =
    [
        new("docs/circuits.md", "queries correlate with the exact effect by {=}, and with `qk` by {=}.", run => [Pearson(run, EstimateFixes.None), Pearson(run, EstimateFixes.Softmax)]),
    ];

    private static double Pearson(Measured run, EstimateFixes fixes) => Sweep.Run(
        run.Mini, run.Pair("einstein"), new() { Site = Activation.Q, Method = SweepMethod.Atp, Metric = Metric.LogitDiff, Estimate = new() { Fixes = fixes } }).Agreement()!.OfLargest!.Pearson;
}
