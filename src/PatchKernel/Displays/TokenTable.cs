namespace PatchKernel;

/// <summary>Runs as tables of their best next tokens with bars.</summary>
internal static class TokenTable
{
    private const string Cell = "padding:1px 12px 1px 0;text-align:left;border:0;background:none";
    private const string Right = "padding:1px 12px 1px 0;text-align:right;border:0;background:none";

    /// <summary>One prediction.</summary>
    public static string Of(Prediction prediction) => Html.Frame(
        prediction.Prompt is { } prompt ? TokenStrip.Strip(prompt, [], "") : "", Table(prediction, Html.CleanColour));

    /// <summary>A run and what it keeps.</summary>
    public static string Of(CachedRun run)
    {
        var kept = run.Kept.Count == 0
            ? "disposed of: no activation is kept"
            : $"keeps {string.Join(", ", run.Kept.Select(ActivationNames.Name))} of every layer";
        return Html.Frame(
            TokenStrip.Strip(run.Prompt, [], ""), Table(run.Prediction, Html.CleanColour),
            Html.Line(Html.Text($"{run.ModelName}, {run.Prompt.Length} tokens; {kept}"), Html.Quiet));
    }

    /// <summary>Both runs side by side, and the gaps.</summary>
    public static string Of(Baseline runs)
    {
        var gaps = Metric.All.Select(metric => Html.Line(
            $"gap by {Html.Text(metric.Name)}: <b>{Html.Number(runs.Gap(metric), "F2")}</b> logits "
            + $"<span style=\"{Html.Quiet}\">({Html.Text(metric.Description)}, clean run less corrupt run)</span>"));
        return Html.Frame(
        [
            Html.Beside(
                "<b>clean run</b>" + Table(runs.Clean.Prediction, Html.CleanColour),
                "<b>corrupt run</b>" + Table(runs.Corrupt.Prediction, Html.CorruptColour)),
            .. gaps,
        ]);
    }

    private static string Table(Prediction prediction, string colour)
    {
        var known = prediction.Best.All(token => float.IsFinite(token.Probability));
        var head = known ? $"<th style=\"{Cell}\">probability</th><th style=\"{Right}\"></th>" : "";
        var rows = prediction.Best.Select(token =>
        {
            var bar = $"<td style=\"{Cell}\">{Html.Bar(token.Probability, colour)}</td>"
                + $"<td style=\"{Right}\">{Html.Text(ChartText.Percent(token.Probability))}</td>";
            return $"<tr><td style=\"{Right}\">{token.Token.Id}</td><td style=\"{Cell};white-space:pre\"><code>{Html.Text(token.Label)}</code></td>"
                + $"{(known ? bar : "")}<td style=\"{Right}\">{Html.Number(token.Logit, "F2")}</td></tr>";
        });
        return $"<table style=\"border-collapse:collapse\"><thead><tr><th style=\"{Right}\">id</th><th style=\"{Cell}\">next token</th>{head}"
            + $"<th style=\"{Right}\">logit</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table>";
    }
}
