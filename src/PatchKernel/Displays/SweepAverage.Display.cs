using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class SweepAverage : IShowsHtml
{
    /// <summary>The average's chart; <see cref="AverageChart"/> has the options.</summary>
    public string ToHtml() => AverageChart.Draw(this).ToHtml();
}
