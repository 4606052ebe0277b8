using System.Runtime.InteropServices;
using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>What cells need of their notebook: progress in place, the stop button, and charts.</summary>
/// <remarks>
/// It knows .NET Interactive's kernel (VS Code's Polyglot Notebooks, Jupyter, this project's runner). In other hosts, and outside a notebook,
/// progress isn't shown and nothing is cancelled; everything else works the same.
/// </remarks>
public static class Notebook
{
    private static readonly Dictionary<string, IDisposable> Kept = [];

    /// <summary>Sets up the notebook: the setup cell ends with it, and its output brings plotly.js for every chart.</summary>
    /// <remarks>
    /// A notebook that leaves it out gets plotly.js with its first chart. Charts that a cell makes with Plotly.NET itself need this call, or another of
    /// the library's, before them: it answers Plotly.NET's question for an FSharp.Core that the kernel doesn't have.
    /// </remarks>
    public static NotebookStart Start() => new();

    /// <summary>Shows a sweep's progress and the time left in the running cell's output.</summary>
    /// <param name="what">What is under way, in a word.</param>
    public static ProgressLine Progress(string what = "Sweep")
    {
        var show = NotebookHost.Display();
        var progress = new ProgressLine(what, line => show?.Invoke(line));
        Cancellation.Register(progress.Stop);
        return progress;
    }

    /// <summary>Shows a download's progress in the running cell's output; nothing if nothing has to be downloaded.</summary>
    public static ProgressLine Downloads() => Progress("Download");

    /// <summary>Makes an object that holds memory, such as a model or a cached run, and frees the one that the same cell made before.</summary>
    /// <param name="name">Its name; the earlier object of that name is disposed of first.</param>
    /// <param name="make">Makes the new one.</param>
    /// <returns>The new one; disposed of by the next call with its name, or by the notebook's end.</returns>
    /// <remarks>Without it, running a cell again leaves the old model in memory too: the variable of the first run stays alive.</remarks>
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

    /// <summary>Cancelled when the running cell is stopped: for your own loops; the library's methods use it by themselves.</summary>
    public static CancellationToken Cancellation => NotebookHost.Cancellation;
}

/// <summary>What a notebook's setup cell shows.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class NotebookStart : IShowsHtml
{
    internal NotebookStart()
    {
    }

    // Classic Jupyter hides the triangles by which a reader sees that there is something to unfold, in texts too.
    private const string Triangles = "<style>details>summary{display:list-item}</style>";

    /// <summary>The line, and plotly.js out of sight.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString()), Html.Quiet)) + Triangles + ChartPage.PlotlyScriptAgain();

    /// <summary>Versions and processors.</summary>
    public override string ToString()
    {
        var version = typeof(Notebook).Assembly.GetName().Version?.ToString(3);
        return $"PatchKernel {version} on {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors";
    }
}
