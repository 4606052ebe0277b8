using System.Globalization;
using System.Text.Json;

namespace PatchKernel.Notebooks;

/// <summary>What an open page is to show, and since when: whoever asks is told what has changed since it last asked.</summary>
/// <remarks>Nothing is kept for a page that doesn't ask: however slow one is, the next message brings it up to date.</remarks>
internal sealed class ShownPage
{
    private readonly Lock gate = new();
    private string[] cells = [];
    private long[] changedAt = [];
    private long version;
    private string title = "";
    private string? library;
    private TaskCompletionSource next = NewSignal();

    /// <summary>The page's title.</summary>
    public string Title
    {
        get { lock (gate) return title; }
    }

    /// <summary>plotly.js; empty until a chart has brought it along.</summary>
    public string Library
    {
        get { lock (gate) return library ?? ""; }
    }

    /// <summary>Shows cells.</summary>
    /// <param name="newTitle">The page's title.</param>
    /// <param name="newCells">Every cell's HTML.</param>
    /// <param name="plotly">plotly.js, if a chart has brought it along.</param>
    public void Show(string newTitle, string[] newCells, string? plotly)
    {
        lock (gate)
        {
            var changed = Enumerable.Range(0, newCells.Length).Where(i => i >= cells.Length || cells[i] != newCells[i]).ToArray();
            var same = changed.Length == 0 && newCells.Length == cells.Length && newTitle == title;
            (title, cells, library) = (newTitle, newCells, library ?? plotly);
            if (same) return;
            version++;
            Array.Resize(ref changedAt, cells.Length);
            foreach (var i in changed) changedAt[i] = version;
            next.SetResult();
            next = NewSignal();
        }
    }

    /// <summary>What has changed.</summary>
    /// <param name="seen">The version that is shown, from 0; becomes the new one.</param>
    /// <returns>One line of JSON, null where nothing has changed, and what ends at the next change.</returns>
    public (string? Message, Task Next) Since(ref long seen)
    {
        lock (gate)
        {
            if (seen == version) return (null, next.Task);
            var before = seen;
            seen = version;
            var message = JsonSerializer.Serialize(new
            {
                title,
                count = cells.Length,
                plotly = library is not null,
                cells = Enumerable.Range(0, cells.Length).Where(i => changedAt[i] > before).ToDictionary(i => i.ToString(CultureInfo.InvariantCulture), i => cells[i]),
            });
            return (message, next.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
