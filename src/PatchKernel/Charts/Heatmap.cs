namespace PatchKernel;

/// <summary>The tutorial's chart of a sweep: tokens as rows, layers as columns, the normalised score as colour.</summary>
/// <remarks>After Meng et al. 2022, "Locating and Editing Factual Associations in GPT" (arXiv:2202.05262), figure 2.</remarks>
[TypeFormatterSource(typeof(ChartFormatterSource))]
public sealed class Heatmap
{
    private readonly HeatmapContent content;

    private Heatmap(HeatmapContent content) => this.content = content;

    /// <summary>Draws a result over layers and positions, heads or both.</summary>
    /// <exception cref="PatchKernelException">The result has other axes.</exception>
    public static Heatmap Draw(SweepResult result, HeatmapOptions? options = null) => new(HeatmapContent.Of(result, options ?? new()));

    /// <summary>The title.</summary>
    public string Title => content.Title;

    /// <summary>The lines under the title: what was patched, which score it is, and the data's range.</summary>
    public IReadOnlyList<string> Caption => content.Caption;

    /// <summary>Number of layers.</summary>
    public int Layers => content.Layers;

    /// <summary>Whether a row is a position; a head otherwise.</summary>
    public bool RowsArePositions => content.Grid.RowsArePositions;

    /// <summary>The score that a cell shows.</summary>
    public float Score(int layer, int row) => content.Grid.Score(layer, row);

    /// <summary>One label a row, the first on top: the clean prompt's token in quotes, its id, or the head.</summary>
    public IReadOnlyList<string> RowLabels => content.RowLabels;

    /// <summary>The colours.</summary>
    public ColourScale Scale => content.Scale;

    /// <summary>The scores at the colours' two ends.</summary>
    public ColourRange Range => content.Range;

    /// <summary>Number of cells whose score lies outside <see cref="Range"/>; they get the end's colour.</summary>
    public int ClippedCells => content.ClippedCells;

    /// <summary>The chart as Plotly's figure, JSON with <c>data</c> and <c>layout</c>.</summary>
    public string ToFigureJson() => PlotlyHeatmap.FigureJson(content);

    /// <summary>The chart as a part of a page, plotly.js included: it draws itself with no network.</summary>
    public string ToHtml() => PlotlyHtml.Fragment(ToFigureJson(), PlotlyHeatmap.Height(content));

    /// <summary>The chart as an SVG picture.</summary>
    public string ToSvg() => HeatmapPicture.Svg(content);

    /// <summary>The chart as a PNG picture, two pixels to a point.</summary>
    public byte[] ToPng() => HeatmapPicture.Png(content);

    /// <summary>Writes the interactive chart as one HTML file that opens with no network.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public void WriteHtml(string path) => AtomicFile.Write(path, PlotlyHtml.Page(Title, ToFigureJson(), PlotlyHeatmap.Height(content)));

    /// <summary>Writes a picture, PNG or SVG by the file's extension.</summary>
    /// <exception cref="PatchKernelException">The extension is another one, or the path can't be written.</exception>
    public void WriteImage(string path)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".png":
                AtomicFile.Write(path, ToPng());
                break;
            case ".svg":
                AtomicFile.Write(path, ToSvg());
                break;
            default:
                throw new PatchKernelException($"Cannot write the picture '{path}': its name should end in .png or .svg.");
        }
    }

    /// <summary>The title and the caption's lines.</summary>
    public override string ToString() => $"{Title}. {string.Join("; ", Caption)}";
}
