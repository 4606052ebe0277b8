namespace PatchKernel;

/// <summary>Pairs as <c>prompts.json</c> has them.</summary>
internal static class PairTable
{
    private const string Cell = "padding:1px 14px 1px 0;text-align:left;vertical-align:top;border:0;background:none";

    /// <summary>A book: what each pair is called, swaps and is for, and which models it is for.</summary>
    public static string Of(PromptBook book) => Html.Frame(
        Html.Line(Html.Text($"{book.Path}, {book.Pairs.Count} pairs"), Html.Quiet),
        Table(["pair", "clean", "corrupt", "what it is for", "models"], book.Pairs.Select(pair => new[]
        {
            pair.Name, $"{pair.Clean}", $"{pair.Corrupt}", pair.Note ?? "", string.Join(", ", pair.Models.Select(model => model.ShortName)),
        })));

    /// <summary>One pair with both texts, and what models answer.</summary>
    public static string Of(PairDefinition pair) => Html.Frame(
        Html.Line($"<b>{Html.Text(pair.Name)}</b>{(pair.Note is null ? "" : $" · {Html.Text(pair.Note)}")}"),
        Table(["", "prompt", "answer"],
        [
            ["clean", Quoted.Text(pair.CleanText), Answer(pair.Clean)],
            ["corrupt", Quoted.Text(pair.CorruptText), Answer(pair.Corrupt)],
        ]),
        string.Concat(pair.KnownAnswers.Select(model => Html.Line(Html.Text(model.Note is null ? $"{model}" : $"{model} · {model.Note}"), Html.Quiet))));

    private static string Answer(PairSide side) => side.Target is null ? "" : Quoted.Text(side.Target);

    // Only sentences, prompts and lists may be broken into lines.
    private static string Table(string[] head, IEnumerable<string[]> rows)
    {
        string[] breaking = ["prompt", "what it is for", "models"];
        var body = rows.Select(row => $"<tr>{string.Concat(row.Select((text, column) => Entry(text, breaking.Contains(head[column]))))}</tr>");
        return $"<table style=\"border-collapse:collapse\"><thead><tr>{string.Concat(head.Select(text => $"<th style=\"{Cell}\">{text}</th>"))}</tr></thead>"
            + $"<tbody>{string.Concat(body)}</tbody></table>";
    }

    private static string Entry(string text, bool breaks) => $"<td style=\"{Cell}{(breaks ? "" : ";white-space:nowrap")}\">{Html.Text(text)}</td>";
}
