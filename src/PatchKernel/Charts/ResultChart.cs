using PatchKernel.Charts;
using PatchKernel.Text;
using Plotly.NET;

namespace PatchKernel;

/// <summary>A chart: interactive for notebooks and browsers, a picture for paper, both from the same numbers.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public class ResultChart : IShowsHtml
{
    private readonly ChartContent content;

    internal ResultChart(ChartContent content) => this.content = content;

    /// <summary>The title.</summary>
    public string Title => content.Title;

    /// <summary>The lines under the title: what ran, which quantity it is, and the data's range.</summary>
    public IReadOnlyList<string> Caption => content.Caption;

    /// <summary>The chart as Plotly.NET's, to change or combine; as a cell's last value it is shown like this one.</summary>
    /// <returns>A new one at each call. It names no colours but its data's, unless a theme was asked for.</returns>
    public GenericChart ToPlotly() => PlotlyFigure.Of(content);

    /// <summary>The chart as Plotly's figure, JSON with <c>data</c> and <c>layout</c>.</summary>
    public string ToFigureJson() => GenericChart.toFigureJson(ToPlotly());

    /// <summary>The chart for a notebook: its picture, and a script that puts the interactive chart in the picture's place.</summary>
    /// <remarks>Needs no network: the first chart of a process brings plotly.js along, see <see cref="ChartPage"/>.</remarks>
    public string ToHtml() => ChartPage.Part(this, content);

    /// <summary>The chart as an SVG picture.</summary>
    public string ToSvg() => ChartPicture.Svg(content);

    /// <summary>The chart as a PNG picture, two pixels to a point.</summary>
    public byte[] ToPng() => ChartPicture.Png(content);

    /// <summary>Writes the interactive chart as one HTML file that opens with no network, light or dark as the reader's system is unless a theme was asked for.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public void WriteHtml(string path) => AtomicFile.Write(path, ToPage());

    /// <summary>The content of the file that <see cref="WriteHtml"/> writes.</summary>
    internal string ToPage() => ChartPage.Page(this, content);

    /// <summary>Writes a picture, PNG or SVG by the file's extension.</summary>
    /// <exception cref="PatchKernelException">The extension is another one, or the path can't be written.</exception>
    public void WriteImage(string path)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension == ".png") AtomicFile.Write(path, ToPng());
        else if (extension == ".svg") AtomicFile.Write(path, ToSvg());
        else throw new PatchKernelException($"Cannot write the picture '{path}': its name should end in .png or .svg.");
    }

    /// <summary>The title and the caption's lines.</summary>
    public override string ToString() => $"{Title}. {string.Join("; ", Caption)}";
}
