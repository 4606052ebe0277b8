using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class PairCheck : IShowsHtml
{
    /// <summary>Both prompts as strips of tokens, the differing ones marked, then the findings.</summary>
    public string ToHtml() => Html.Frame([TokenStrip.Of(Pair), .. Lines().Select(line => Html.Line(line, "margin-top:4px"))]);

    private IEnumerable<string> Lines() => Findings.Count == 0
        ? ["✓ nothing to complain about"]
        : Findings.Select(finding => $"{(finding.Severity == Severity.Error ? "✗" : "⚠")} {Html.Text(finding.ToString())}");
}
