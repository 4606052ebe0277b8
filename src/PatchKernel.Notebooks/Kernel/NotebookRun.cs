using System.Diagnostics;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>A notebook that was run from its first cell to its last, or to the first that failed.</summary>
/// <param name="Page">The notebook with its outputs as one page.</param>
/// <param name="Failure">The number of the code cell that failed, from 1, and why; null if none did.</param>
/// <param name="Time">How long the cells took, the kernel's start included.</param>
internal sealed record NotebookRun(string Page, (int Cell, CellError Error)? Failure, TimeSpan Time)
{
    /// <summary>Runs a notebook in a kernel of its own.</summary>
    /// <param name="document">The notebook; takes the outputs.</param>
    /// <param name="path">Where it was read from: its cells run in that folder.</param>
    /// <param name="place">Where the page is written to.</param>
    /// <param name="next">Called after each cell.</param>
    /// <param name="cancel">Stops the running cell, and with it the run.</param>
    public static async Task<NotebookRun> OfAsync(InteractiveDocument document, string path, LinkPlace place, Action next, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var time = Stopwatch.StartNew();
        foreach (var cell in document.Elements)
        {
            cell.Outputs.Clear();
            cell.ExecutionOrder = 0;
        }
        using var kernel = new NotebookKernel(folder);
        var failure = await RunCellsAsync(kernel, document, next, cancel);
        return new(NotebookPage.Of(document, Path.GetFileNameWithoutExtension(path), folder, kernel.Plotly, place), failure, time.Elapsed);
    }

    private static async Task<(int, CellError)?> RunCellsAsync(NotebookKernel kernel, InteractiveDocument document, Action next, CancellationToken cancel)
    {
        var number = 0;
        foreach (var cell in document.Elements.Where(cell => cell.KernelName != NotebookFile.Markdown))
        {
            number++;
            if (await kernel.RunAsync(cell, null, cancel) is { } error) return (number, error);
            next();
        }
        return null;
    }
}
