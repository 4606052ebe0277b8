using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record PromptPair : IShowsHtml
{
    /// <summary>Both prompts as strips of tokens, the differing ones marked.</summary>
    public string ToHtml() => Html.Frame(TokenStrip.Of(this));
}
