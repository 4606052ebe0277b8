using System.Runtime.InteropServices;

namespace PatchKernel;

/// <summary>What a notebook's cells need of the notebook: progress in place, the stop button, and charts that draw.</summary>
/// <remarks>
/// It knows .NET Interactive's kernel (VS Code's Polyglot Notebooks, Jupyter, this project's runner). In other hosts, and outside a notebook,
/// progress isn't shown and nothing is cancelled; everything else works the same.
/// </remarks>
public static class Notebook
{
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

    /// <summary>Tripped when the running cell is stopped; pass it to what takes long.</summary>
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
