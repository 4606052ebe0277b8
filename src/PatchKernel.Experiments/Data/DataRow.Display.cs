using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record DataRow : IShowsHtml
{
    /// <summary>Its lines.</summary>
    public string ToHtml() => Html.Frame(string.Concat(ToString().Split('\n').Select(line => Html.Line(Html.Text(line)))));
}
