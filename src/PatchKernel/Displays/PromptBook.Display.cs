using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class PromptBook : IShowsHtml
{
    /// <summary>A table of the pairs: what each is called, swaps and is for, and which models it is for.</summary>
    public string ToHtml() => Html.Frame(
        Html.Line(Html.Text($"{Path}, {Pairs.Count} pairs"), Html.Quiet),
        HtmlTable.Of(
            [new("pair"), new("clean"), new("corrupt"), new("what it is for", Wraps: true), new("models", Wraps: true)],
            Pairs.Select(pair => HtmlTable.Texts(
                pair.Name, $"{pair.Clean}", $"{pair.Corrupt}", pair.Note ?? "", string.Join(", ", pair.Models.Select(model => model.ShortName))))));
}
