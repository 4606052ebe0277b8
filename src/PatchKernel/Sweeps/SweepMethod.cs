using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>How cells are computed.</summary>
public enum SweepMethod
{
    /// <summary>All cells together, in one pass through the layers.</summary>
    Wavefront,

    /// <summary>One full forward a cell: slow, and what the wavefront is checked against.</summary>
    Naive,

    /// <summary>An estimate of every cell by one forward and one backward (attribution patching): what is put in less what is there, times the metric's gradient in the run that is patched.</summary>
    Atp,

    /// <summary>
    /// The same with the mean gradient over runs whose embeddings go from those of the run that is patched to those of the run that activations come from (integrated gradients); denoising, from
    /// the corrupt to the clean run. <see cref="EstimateOptions"/> has the points.
    /// </summary>
    Ig,
}

/// <summary>Methods and their names in result files.</summary>
internal static class SweepMethods
{
    private static readonly SweepMethod[] Estimates = [SweepMethod.Atp, SweepMethod.Ig];

    /// <summary>Whether it estimates.</summary>
    public static bool IsEstimate(this SweepMethod method) => Estimates.Contains(method);

    /// <summary>Its name in result files.</summary>
    public static string Name(this SweepMethod method) => method switch
    {
        SweepMethod.Naive => NaiveSweep.Name,
        SweepMethod.Atp => "atp",
        SweepMethod.Ig => "ig",
        _ => Wavefront.Name,
    };

    /// <summary>Whether a result file's method estimates.</summary>
    public static bool IsEstimate(string name) => Estimates.Any(method => method.Name() == name);
}
