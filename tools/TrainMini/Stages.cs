using System.Text;

namespace PatchKernel.TrainMini;

/// <summary>Where the answer is, layer by layer: normalised scores of the residual stream by what a token is, averaged over pairs of questions.</summary>
/// <param name="Layers">Number of layers.</param>
/// <param name="Scores">By metric and role, one mean a layer.</param>
internal sealed record Stages(int Layers, IReadOnlyDictionary<(string Metric, string Role), float[]> Scores)
{
    public const string Subject = "subject's last name";
    public const string Right = "right option's last name";
    public const string Wrong = "wrong option's last name";
    public const string Last = "last token";

    /// <summary>Of all other positions in each layer the mean that is farthest from zero.</summary>
    public const string Elsewhere = "elsewhere";

    /// <summary>The metrics that it is measured by.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } = [Metric.TargetLogit, Metric.LogitDiff];

    /// <summary>Sweeps pairs of questions that training never asked: the same options, two subjects.</summary>
    public static Stages Measure(LanguageModel model, QuestionSource source, Wording wording, int pairs)
    {
        var sums = new Dictionary<(string Metric, string Role), float[]>();
        var layers = model.Config.NLayers;
        for (var i = 0; i < pairs; i++)
        {
            var (clean, corrupt) = source.PairForTesting();
            var pair = PromptPair.FromTexts(
                wording.Text(clean), wording.Text(corrupt), [$" {clean.Answer.First}"], [$" {corrupt.Answer.First}"], model.Tokenizer!);
            var result = Sweep.Run(model, pair, new SweepOptions { Metrics = Metrics });
            var roles = Roles.Of(clean, pair.Clean.Tokens!);
            foreach (var metric in Metrics)
            {
                var scores = result.Scores(metric);
                for (var pos = 0; pos < pair.Clean.Length; pos++)
                {
                    var key = (metric.Name, Role(pos, roles, clean, corrupt));
                    if (!sums.TryGetValue(key, out var sum)) sums.Add(key, sum = new float[layers]);
                    for (var layer = 0; layer < layers; layer++) sum[layer] += scores[layer * pair.Clean.Length + pos] / pairs;
                }
            }
        }
        return new Stages(layers, Metrics.SelectMany(metric => Gathered(metric.Name)).ToDictionary());

        IEnumerable<KeyValuePair<(string Metric, string Role), float[]>> Gathered(string metric)
        {
            foreach (var role in new[] { Subject, Right, Wrong, Last }) yield return new((metric, role), sums[(metric, role)]);
            var others = sums.Where(sum => sum.Key.Metric == metric && sum.Key.Role.StartsWith(Elsewhere, StringComparison.Ordinal)).Select(sum => sum.Value).ToList();
            yield return new((metric, Elsewhere), [.. Enumerable.Range(0, layers).Select(layer => others.Select(other => other[layer]).MaxBy(Math.Abs))]);
        }
    }

    /// <summary>A table for each metric.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var ((metric, role), scores) in Scores)
            text.Append($"{metric,-13}{role,-26}").AppendLine(string.Join("", scores.Select(score => $"{score,7:F2}")));
        return text.ToString();
    }

    private static string Role(int pos, Roles roles, Question clean, Question corrupt) =>
        pos == roles.SubjectLast ? Subject
        : pos == roles.Answer ? Last
        : pos == roles.OptionLasts[clean.PlaceOf(clean.Answer)] ? Right
        : pos == roles.OptionLasts[clean.PlaceOf(corrupt.Answer)] ? Wrong
        : $"{Elsewhere} {pos}";
}
