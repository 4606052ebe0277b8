using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel;

[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial record PairDefinition : IShowsHtml
{
    /// <summary>Both prompts and their answers, and what models answer.</summary>
    public string ToHtml() => Html.Frame(
        Html.Line($"<b>{Html.Text(Name)}</b>{(Note is null ? "" : $" · {Html.Text(Note)}")}"),
        HtmlTable.Of(
            [new(""), new("prompt", Wraps: true), new("answer")],
            [["clean", Shown(CleanText), Html.Text(Clean.Answers)], ["corrupt", Shown(CorruptText), Html.Text(Corrupt.Answers)]]),
        string.Concat(KnownAnswers.Select(model => Html.Line(Html.Text(model.Note is null ? $"{model}" : $"{model} · {model.Note}"), Html.Quiet))));

    private static string Shown(string text) => Html.Text(Quoted.Text(text));
}
