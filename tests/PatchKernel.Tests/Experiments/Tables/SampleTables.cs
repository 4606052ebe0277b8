using CsCheck;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Tables for tests.</summary>
internal static class SampleTables
{
    /// <summary>Texts that files get wrong.</summary>
    public static string[] OddTexts { get; } =
    [
        "", " ", " leading", "trailing ", "a,b", "a;b", "say \"it\"", "\"", "\"\"", "line\nbreak", "line\r\nbreak", "\r", "tab\t", "=1+1", "+1", "-1", "@x", "NULL", "nan", "NA", "true", "1.0",
        "é", "日本語", "😀", "\uFFFD", "\uFEFFmark", "a\0b", "\u2028", new string('x', 5000),
    ];

    /// <summary>The roles of a study.</summary>
    public static string[] Roles { get; } = ["subject.last", "last"];

    /// <summary>A row that has everything.</summary>
    public static ResultRow Row { get; } = new("mini", "einstein", "resid_post", "denoising", "other", 3, 14, " Einstein", "subject.last", 2, "logit_diff", 1.25f, 0.5f);

    /// <summary>Two rows of each odd text, one with all that may be missing and one without.</summary>
    public static ResultRow[] Odd { get; } =
    [
        .. OddTexts.SelectMany((text, i) => new[]
        {
            Row with { Model = text, Pair = $"{i}", Token = text, Role = text, Value = i / 3f },
            Row with { Site = text, Direction = text, Source = text, Metric = text, Pos = null, Token = null, Role = null, Head = null, Score = null },
        }),
        .. new[] { 0f, -0f, 1f / 3, float.Epsilon, float.MaxValue, float.MinValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 16777217f, 1e-10f }
            .Select(value => Row with { Value = value, Score = value, Layer = int.MaxValue, Pos = 0 }),
    ];

    /// <summary>A pair.</summary>
    public static PairRow Pair { get; } = new()
    {
        Model = "mini",
        Pair = "einstein",
        Line = 2,
        Clean = "Q: \"Who\",\nA:",
        Corrupt = "Q: 'Who',\nA:",
        CleanTarget = " Isaac",
        CorruptTarget = " Michael",
        CleanTokens = 7,
        CorruptTokens = 8,
        CleanBest = " Isaac",
        CorruptBest = "\n",
        Answered = true,
        Values = new Dictionary<string, (float, float)> { ["clean_target"] = (12.5f, 3.25f), ["logit_diff"] = (4, -1 / 3f) },
        Columns = new Dictionary<string, string> { ["relation"] = "capital" },
    };

    /// <summary>A study: every pair's scores over layers and two roles, in two groups.</summary>
    public static ResultRow[] Study(int pairs, int layers, Func<int, int, string, float> score, params string[] metrics) =>
    [
        .. from pair in Enumerable.Range(0, pairs)
           from layer in Enumerable.Range(0, layers)
           from role in Roles
           from metric in metrics.DefaultIfEmpty("logit_diff")
           select new ResultRow("mini", $"pair-{pair}", "resid_post", "denoising", "other", layer, 5, " x", role, null, metric, score(pair, layer, role) * 2, score(pair, layer, role)),
    ];

    /// <summary>Rows of any numbers and texts.</summary>
    public static Gen<ResultRow[]> AnyRows { get; } =
        (from text in Gen.String
         from layer in Gen.Int
         from pos in Gen.Int.Nullable()
         from value in Gen.Float
         from score in Gen.Float.Nullable()
         from has in Gen.Bool
         select Row with { Model = Whole(text), Token = has ? Whole(text) : null, Layer = layer == int.MinValue ? 0 : layer, Pos = pos == int.MinValue ? 0 : pos, Value = value, Score = score }).Array[0, 50];

    // Half of a pair of surrogates is in no file.
    private static string Whole(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
