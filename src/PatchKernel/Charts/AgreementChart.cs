using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>Estimates against the exact effects that they stand for: what lies on the diagonal is right.</summary>
public static class AgreementChart
{
    /// <summary>Draws estimates that were checked.</summary>
    /// <param name="largest">The largest estimates.</param>
    /// <param name="sample">A random sample of the others; it may be empty.</param>
    /// <param name="options">Caption, axes and looks.</param>
    /// <exception cref="PatchKernelException">There is none, or a number isn't one.</exception>
    public static ResultChart Draw(IReadOnlyList<AgreementPoint> largest, IReadOnlyList<AgreementPoint> sample, AgreementChartOptions? options = null)
    {
        options ??= new();
        PointCloud[] clouds = [.. new PointCloud[] { new("largest", 0, largest), new("random sample", 1, sample) }.Where(cloud => cloud.Points.Count > 0)];
        AgreementPoint[] all = [.. largest, .. sample];
        if (all.Length == 0) throw new PatchKernelException("No estimate was checked, so there is nothing to draw; check at least one.");
        string[] agreements = [.. clouds.Select(LineOf)];
        var panel = new PointPanel(options.Exact, DrawnAxis.AroundAll(options.Estimate, all.SelectMany(point => new[] { point.Estimate, point.Exact })), clouds, "estimate = exact");
        return new(new(options, "Estimate against Exact Effect",
            [.. options.Caption, .. agreements, HeatmapCaption.DataRange([.. all.Select(point => point.Estimate)], ColourRange.All) + " of the estimates"], panel));
    }

    /// <summary>Draws a sweep's estimates that were checked, as changes from the run that was patched.</summary>
    /// <param name="estimate">The sweep.</param>
    /// <param name="options">Looks.</param>
    /// <exception cref="PatchKernelException">None was checked.</exception>
    public static ResultChart Draw(SweepResult estimate, ChartOptions? options = null)
    {
        var (check, unit) = (estimate.Agreement(), estimate.Metric.Unit.Length == 0 ? "" : $" ({estimate.Metric.Unit})");
        return Draw(check?.Largest ?? [], check?.Sample ?? [], new()
        {
            Font = options?.Font,
            Caption =
            [
                $"{HeatmapCaption.Subject(estimate)} · {HeatmapCaption.Patched(estimate)} · {estimate.Metric.Name}{unit}",
                .. estimate.Conventions is { } conventions ? (string[])[$"{estimate.Method}: {conventions}"] : [],
            ],
            Estimate = $"{estimate.Method}{unit}",
            Exact = $"exact effect{unit}",
        });
    }

    /// <summary>Draws a check of edges' estimates; the caption begins with what the scores are.</summary>
    /// <param name="scored">The estimates.</param>
    /// <param name="check">Their check.</param>
    /// <param name="options">Title, further caption and looks; the axes are named by the scores.</param>
    /// <exception cref="PatchKernelException">None was checked.</exception>
    public static ResultChart Draw(ScoredGraph scored, EstimateCheck check, AgreementChartOptions? options = null)
    {
        options ??= new();
        var unit = scored.Unit.Length == 0 ? "" : $" ({scored.Unit})";
        check = check.As(scored);
        return Draw(check.Largest, check.Sample, options with
        {
            Caption = [.. scored.Caption, .. options.Caption],
            Estimate = $"{scored.Method}{unit}",
            Exact = $"{(check.Pairs == 1 ? "" : "mean ")}exact effect{unit}",
        });
    }

    private static string LineOf(PointCloud cloud)
    {
        var agreement = Agreement.Of([.. cloud.Points.Select(point => point.Estimate)], [.. cloud.Points.Select(point => point.Exact)]);
        return $"{char.ToUpperInvariant(cloud.Name[0])}{cloud.Name[1..]}: {agreement} at {cloud.Points[agreement.WorstIndex].Name}";
    }
}
