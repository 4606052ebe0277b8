using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record RunSummary : IShowsHtml
{
    /// <summary>A table of the best tokens with bars.</summary>
    public string ToHtml() => Prediction.ToHtml();
}
