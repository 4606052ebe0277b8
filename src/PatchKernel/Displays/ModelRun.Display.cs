using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public partial class ModelRun : IShowsHtml
{
    /// <summary>The prompt, the best tokens with bars, and what is kept.</summary>
    public string ToHtml() => Html.Frame(
        TokenStrip.Of(Prompt), TokenTable.Of(Prediction, Html.CleanColour),
        Html.Line(Html.Text($"{ModelName}, {Prompt.Length} tokens{Remark}"), Html.Quiet));
}
