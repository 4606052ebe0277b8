using System.Runtime.InteropServices;

namespace PatchKernel;

/// <summary>What a notebook's cells need of the notebook: progress in place, the stop button, and charts that draw.</summary>
/// <remarks>
/// It knows .NET Interactive's kernel (VS Code's Polyglot Notebooks, Jupyter, this project's runner). In other hosts, and outside a notebook,
/// progress isn't shown and nothing is cancelled; everything else works the same.
/// </remarks>
public static class Notebook
{
    private static readonly Dictionary<string, IDisposable> Kept = [];

    /// <summary>Readies the notebook: let the setup cell end with it, and its output brings plotly.js for every chart.</summary>
    /// <remarks>A notebook that leaves it out gets plotly.js with its first chart.</remarks>
    public static NotebookStart Start() => new();

    /// <summary>A bar that shows in the running cell's output how far a sweep is, and the time left.</summary>
    /// <param name="what">What is under way, in a word.</param>
    public static SweepBar Progress(string what = "Sweep")
    {
        var show = NotebookHost.Display();
        return new SweepBar(what, bar => show?.Invoke(bar));
    }

    /// <summary>A line that shows in the running cell's output how far a download is; nothing where nothing has to be downloaded.</summary>
    public static DownloadLine Downloads()
    {
        var show = NotebookHost.Display();
        return new DownloadLine(line => show?.Invoke(line));
    }

    /// <summary>Makes what a notebook goes on using and what holds memory, a model or a cached run, and frees what the cell made before.</summary>
    /// <param name="name">What it is called; the earlier one of that name is disposed of first.</param>
    /// <param name="make">Makes the new one.</param>
    /// <returns>The new one; disposed of by the next call with its name, or by the notebook's end.</returns>
    /// <remarks>Without it a cell that is run again keeps the old model too: the variable of its first run stays alive.</remarks>
    public static T Keep<T>(string name, Func<T> make)
        where T : IDisposable
    {
        lock (Kept)
        {
            if (Kept.Remove(name, out var earlier)) earlier.Dispose();
            var made = make();
            Kept[name] = made;
            return made;
        }
    }

    /// <summary>Tripped when the running cell is stopped; for loops of your own, since the library's calls find it by themselves.</summary>
    public static CancellationToken Cancellation => NotebookHost.Cancellation;
}

/// <summary>What a notebook's setup cell shows.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class NotebookStart : IShowsHtml
{
    internal NotebookStart()
    {
    }

    /// <summary>The line, and plotly.js out of sight.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString()), Html.Quiet)) + ChartPage.PlotlyScriptAgain();

    /// <summary>Versions and processors.</summary>
    public override string ToString()
    {
        var version = typeof(Notebook).Assembly.GetName().Version?.ToString(3);
        return $"PatchKernel {version} on {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors";
    }
}
