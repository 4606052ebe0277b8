using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class LanguageModel : IShowsHtml
{
    /// <summary>Name and size, warnings where there are any, and the tree of modules to unfold.</summary>
    public string ToHtml() =>
        Html.Frame([Html.Line(Html.Text(ToString())), .. Warnings.Select(warning => Html.Line($"⚠ {Html.Text(warning)}")), ModelOutline.Of(ModelTree.Of(Config))]);
}
