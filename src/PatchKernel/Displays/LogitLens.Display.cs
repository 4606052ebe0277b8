using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class LogitLens : IShowsHtml
{
    /// <summary>The chart; <see cref="LogitLensChart"/> has the options.</summary>
    public string ToHtml() => LogitLensChart.Draw(this).ToHtml();
}
