using PatchKernel.Tables;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class StudySummary : IShowsHtml
{
    /// <summary>A table of the first rows.</summary>
    public string ToHtml() => Frames.ToHtml(ToString(), SummaryColumns.All, Rows, Rows.Count);
}
