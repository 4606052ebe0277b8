using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class LanguageModel : IShowsHtml
{
    /// <summary>Name and size, and the tree of modules to unfold.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString())), ModelOutline.Of(ModelTree.Of(Config)));
}
