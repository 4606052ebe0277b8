using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class Generation : IShowsHtml
{
    /// <summary>The prompt's tokens, and the new ones marked.</summary>
    public string ToHtml() => Html.Frame(
        TokenStrip.Of(Whole, [.. Enumerable.Range(Prompt.Length, NewIds.Count)], Html.CleanColour),
        Html.Line(Html.Text($"{ModelName}, {Excerpt.Count(NewIds.Count, "new token")}{(IsEnded ? ", to the end of the text" : "")}"), Html.Quiet));
}
