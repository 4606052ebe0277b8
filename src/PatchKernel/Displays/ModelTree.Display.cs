using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class ModelTree : IShowsHtml
{
    /// <summary>The tree to unfold, with shapes and numbers of parameters.</summary>
    public string ToHtml() => Html.Frame(ModelOutline.Of(this));
}
