using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record ExperimentPlan : IShowsHtml
{
    /// <summary>Its lines.</summary>
    public string ToHtml() => Html.Lines(ToString());
}
