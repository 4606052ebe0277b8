using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record Prompt : IShowsHtml
{
    /// <summary>A strip of tokens, ids on hover.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Excerpt.Count(Length, "token"), Html.Quiet), TokenStrip.Of(this), TokenStrip.Spans(this));
}
