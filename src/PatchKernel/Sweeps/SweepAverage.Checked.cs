namespace PatchKernel;

/// <content>How near averaged estimates are to the exact effects.</content>
public sealed partial class SweepAverage
{
    /// <summary>Of estimates, the checked cells of all sweeps beside their exact effects; null where none were checked.</summary>
    public CheckedEstimates? Agreement
    {
        get
        {
            var each = Results.Select((result, sweep) => (Sweep: sweep + 1, Check: result.Agreement())).Where(sweep => sweep.Check is not null).ToList();
            if (each.Count == 0) return null;
            return new() { Largest = Together(check => check.Largest), Sample = Together(check => check.Sample) };

            AgreementPoint[] Together(Func<CheckedEstimates, IReadOnlyList<AgreementPoint>> points) =>
                [.. each.SelectMany(sweep => points(sweep.Check!).Select(point => point with { Name = $"sweep {sweep.Sweep}, {point.Name}" }))];
        }
    }
}
