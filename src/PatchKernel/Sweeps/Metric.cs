namespace PatchKernel;

/// <summary>A number read off the last position's logits; the normalised score compares it with both runs.</summary>
/// <param name="Name">The name that the command line, charts and result files use.</param>
/// <param name="Description">What it measures, in a few words for chart and console.</param>
/// <param name="Value">From the logits of the clean and the corrupt target, in that order.</param>
public sealed record Metric(string Name, string Description, Func<float, float, float> Value)
{
    /// <summary>The logit of the clean target alone, as the nnsight tutorial "Activation Patching" has it.</summary>
    public static Metric TargetLogit { get; } = new("target_logit", "logit of the clean target", (clean, _) => clean);

    /// <summary>The clean target's logit less the corrupt target's.</summary>
    public static Metric LogitDiff { get; } = new("logit_diff", "logit difference of the clean and the corrupt target", (clean, corrupt) => clean - corrupt);

    /// <summary>Every metric, the default first.</summary>
    public static IReadOnlyList<Metric> All { get; } = [TargetLogit, LogitDiff];

    /// <summary>The metric of a name.</summary>
    /// <exception cref="PatchKernelException">No metric has that name; the message lists those that are.</exception>
    public static Metric Parse(string name) => All.FirstOrDefault(metric => metric.Name == name)
        ?? throw new PatchKernelException($"There is no metric '{name}'; choose one of {string.Join(", ", All.Select(metric => metric.Name))}.");

    /// <summary>Whether it is one of <see cref="All"/>, which files know by their names.</summary>
    internal bool IsKnown => All.Contains(this);

    /// <summary>Somebody's own metric as a file has it: name and description.</summary>
    internal static Metric Stored(string name, string description) => new(name, description, (_, _) => throw new PatchKernelException(
        $"The metric '{name}' came from a result file, which has its scores and not how they are made; make the metric anew to compute with it."));

    /// <summary>(patched − corrupt) / (clean − corrupt): 0 is the corrupt run, 1 the clean one, and it may leave [0, 1].</summary>
    public static float Normalise(float patched, float clean, float corrupt) => (patched - corrupt) / (clean - corrupt);
}
