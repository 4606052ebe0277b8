using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record Prediction : IShowsHtml
{
    /// <summary>A table of the tokens with bars.</summary>
    public string ToHtml() => Html.Frame(Prompt is null ? "" : TokenStrip.Of(Prompt), TokenTable.Of(this, Html.CleanColour));
}
