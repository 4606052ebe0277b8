namespace PatchKernel.Cli;

/// <summary>Says once that a sweep goes in groups of cells, and hands progress on.</summary>
internal sealed class GroupsNote(IProgress<SweepProgress>? next, Terminal terminal) : IProgress<SweepProgress>
{
    private bool isSaid;

    public void Report(SweepProgress value)
    {
        if (value.Groups > 1 && !isSaid)
            terminal.Note($"memory doesn't hold all cells at once: {value.Groups} groups of them go through the layers one after another");
        isSaid = true;
        next?.Report(value);
    }
}
