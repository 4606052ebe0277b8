using PatchKernel.Tables;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class PairTable : IShowsHtml
{
    /// <summary>A table of the first rows.</summary>
    public string ToHtml() => Frames.ToHtml(ToString(), PairColumns.Of(Columns, Values), Rows, Rows.Count);
}
