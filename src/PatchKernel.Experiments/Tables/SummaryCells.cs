namespace PatchKernel.Tables;

/// <summary>What a cell is: everything that a row of results says but the pair and its token.</summary>
internal readonly record struct CellKey(
    string Model, string Site, string Direction, string Source, int Window, int Layer, int? Pos, string? Role, int? Head, string Metric)
{
    // By roles, a position is where a pair happens to have the role.
    public static CellKey Of(ResultRow row) => new(
        row.Model, row.Site, row.Direction, row.Source, row.Window, row.Layer, row.Role is null ? row.Pos : null, row.Role, row.Head, row.Metric);
}

/// <summary>Sums up results, by cell and pair.</summary>
internal sealed class SummaryCells
{
    private readonly Dictionary<CellKey, SummaryCell> cells = [];
    private readonly Dictionary<string, int> pairs = [];
    private readonly List<string> names = [];
    private readonly List<SummaryCell> inOrder = [];

    /// <summary>The cells, in the order in which they came.</summary>
    public IReadOnlyList<SummaryCell> All => inOrder;

    /// <summary>The pairs' names, in the order in which they came.</summary>
    public IReadOnlyList<string> Pairs => names;

    public void Add(ResultRow row)
    {
        if (!pairs.TryGetValue(row.Pair, out var pair))
        {
            pairs.Add(row.Pair, pair = pairs.Count);
            names.Add(row.Pair);
        }
        var key = CellKey.Of(row);
        if (!cells.TryGetValue(key, out var cell))
        {
            cells.Add(key, cell = new(key));
            inOrder.Add(cell);
        }
        cell.Add(pair, row);
    }
}

/// <summary>A cell's numbers, by pair.</summary>
internal sealed class SummaryCell(CellKey key)
{
    private Sums[] sums = [];
    private bool hasScores;

    public void Add(int pair, ResultRow row)
    {
        if (pair >= sums.Length) Array.Resize(ref sums, Math.Max(pair + 1, sums.Length * 2));
        ref var sum = ref sums[pair];
        hasScores |= row.Score is not null;
        if (row.Score is { } score && float.IsFinite(score)) (sum.Score, sum.Scores) = (sum.Score + score, sum.Scores + 1);
        if (float.IsFinite(row.Value)) (sum.Value, sum.Values) = (sum.Value + row.Value, sum.Values + 1);
        sum.IsThere = true;
    }

    /// <summary>The cell's average over a group; null where no pair of the group has it.</summary>
    public CellAverage? Average(SummaryGroup group)
    {
        var there = group.Pairs.Where(pair => pair < sums.Length && sums[pair].IsThere).Select(pair => sums[pair]).ToArray();
        if (there.Length == 0) return null;
        double[] scores = [.. there.Where(sum => sum.Scores > 0).Select(sum => sum.Score / sum.Scores)];
        double[] values = [.. there.Where(sum => sum.Values > 0).Select(sum => sum.Value / sum.Values)];
        return new(key, group, scores, hasScores ? scores.Length : values.Length, values.Length == 0 ? null : values.Average());
    }

    private struct Sums
    {
        public double Score, Value;
        public int Scores, Values;
        public bool IsThere;
    }
}

/// <summary>A cell's average over a group.</summary>
/// <param name="Key">The cell.</param>
/// <param name="Group">The group.</param>
/// <param name="Scores">The score of each pair that has a finite one.</param>
/// <param name="Pairs">How many pairs were averaged.</param>
/// <param name="MeanValue">Mean of the finite values.</param>
internal sealed record CellAverage(CellKey Key, SummaryGroup Group, double[] Scores, int Pairs, double? MeanValue)
{
    /// <summary>The summary's row.</summary>
    public SummaryRow ToRow((double Low, double High)? interval)
    {
        double? mean = Scores.Length == 0 ? null : Scores.Average();
        return new()
        {
            Model = Key.Model,
            Site = Key.Site,
            Direction = Key.Direction,
            Source = Key.Source,
            Window = Key.Window,
            Layer = Key.Layer,
            Pos = Key.Pos,
            Role = Key.Role,
            Head = Key.Head,
            Metric = Key.Metric,
            By = Group.By,
            Group = Group.Name,
            Pairs = Pairs,
            Mean = mean,
            StandardError = Scores.Length < 2 ? null : Math.Sqrt(Scores.Sum(score => (score - mean!.Value) * (score - mean.Value)) / (Scores.Length - 1) / Scores.Length),
            Low = interval?.Low,
            High = interval?.High,
            MeanValue = MeanValue,
        };
    }
}
