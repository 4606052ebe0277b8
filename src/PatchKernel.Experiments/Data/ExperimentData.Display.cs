using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class ExperimentData : IShowsHtml
{
    /// <summary>Its line.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString())));
}
