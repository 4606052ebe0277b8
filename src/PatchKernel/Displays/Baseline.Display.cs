using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record Baseline : IShowsHtml
{
    /// <summary>Both runs' best tokens side by side, and the gap between them by each metric.</summary>
    public string ToHtml()
    {
        var gaps = Metric.Usual.Select(metric => Html.Line(
            $"gap by {Html.Text(metric.Name)}: <b>{Html.Number(Gap(metric), "F2")}</b> {metric.Unit} "
            + $"<span style=\"{Html.Quiet}\">({Html.Text(metric.Description)}, clean run less corrupt run)</span>"));
        return Html.Frame(
        [
            Html.Beside(
                "<b>clean run</b>" + TokenTable.Of(Clean.Prediction, Html.CleanColour),
                "<b>corrupt run</b>" + TokenTable.Of(Corrupt.Prediction, Html.CorruptColour)),
            .. gaps,
        ]);
    }
}
