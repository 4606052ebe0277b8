using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class DeviceMap : IShowsHtml
{
    /// <summary>The map as a table.</summary>
    public string ToHtml() => Html.Frame($"<pre style=\"margin:0\">{Html.Text(ToString())}</pre>");
}
