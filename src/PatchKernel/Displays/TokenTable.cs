using PatchKernel.Text;

namespace PatchKernel.Displays;

/// <summary>A run's best next tokens as a table with bars.</summary>
internal static class TokenTable
{
    /// <summary>The table; without probabilities where they aren't known.</summary>
    public static string Of(Prediction prediction, string colour)
    {
        var known = prediction.Best.All(token => float.IsFinite(token.Probability));
        Column[] probability = known ? [new("probability"), new("", IsFigure: true)] : [];
        return HtmlTable.Of([new("id", IsFigure: true), new("next token"), .. probability, new("logit", IsFigure: true)], prediction.Best.Select(Row));

        IReadOnlyList<string> Row(TokenProbability token)
        {
            string[] bar = known ? [Html.Bar(token.Probability, colour), Html.Text(token.Percent)] : [];
            return [$"{token.Token.Id}", $"<code>{Html.Text(token.Label)}</code>", .. bar, Html.Number(token.Logit, "F2")];
        }
    }
}
