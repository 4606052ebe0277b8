using PatchKernel.Cli;
using Spectre.Console;

namespace PatchKernel.Notebooks;

/// <summary>A bar that moves with each cell, only where somebody is watching.</summary>
internal static class CellProgress
{
    /// <summary>Does the work, which calls its argument after each cell.</summary>
    public static async Task<T> DuringAsync<T>(Terminal terminal, string name, int cells, Func<Action, Task<T>> work)
    {
        if (terminal.Progress is not { } console || cells == 0) return await work(() => { });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(Label(1), maxValue: cells);
                return work(() =>
                {
                    bar.Increment(1);
                    bar.Description = Label(Math.Min((int)bar.Value + 1, cells));
                });
            });

        string Label(int cell) => Markup.Escape($"{name}, cell {cell} of {cells}");
    }
}
