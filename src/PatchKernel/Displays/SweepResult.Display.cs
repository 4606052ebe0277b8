using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record SweepResult : IShowsHtml
{
    /// <summary>The result's heatmap; <see cref="Heatmap"/> has the options.</summary>
    public string ToHtml() => Heatmap.Draw(this).ToHtml();
}
