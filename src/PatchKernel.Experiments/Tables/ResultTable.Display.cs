using PatchKernel.Tables;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class ResultTable : IShowsHtml
{
    /// <summary>A table of the first rows.</summary>
    public string ToHtml() => Frames.ToHtml(ToString(), ResultColumns.Of(windows), Rows, Count);
}
