namespace PatchKernel.Sweeps;

/// <summary>One grid of a sweep, in terms of its runs.</summary>
/// <param name="Base">The lane that is run again, once a cell.</param>
/// <param name="Value">What is put in.</param>
/// <param name="Site">Where it is put in.</param>
/// <param name="Window">How many layers are patched together, centred on the cell's; odd.</param>
internal sealed record SweepTask(int Base, PatchValue Value, Site Site, int Window)
{
    /// <summary>The first layer that a cell patches.</summary>
    public int From(int layer) => Math.Max(0, layer - Window / 2);

    /// <summary>The last layer that a cell patches; it may lie past the model's last.</summary>
    public int To(int layer) => layer + Window / 2;
}
