namespace PatchKernel.Tables;

/// <summary>The columns of a table of pairs.</summary>
internal static class PairColumns
{
    public const string Kind = "a table of pairs";
    private const string CleanStart = "clean_", CorruptStart = "corrupt_", GapStart = "gap_", TakenEnd = "_value";

    private static readonly TableColumn<PairRow>[] Before =
    [
        new TextColumn<PairRow>("model", row => row.Model),
        new TextColumn<PairRow>("pair", row => row.Pair),
        new ValueColumn<PairRow, int>("line", row => row.Line),
    ];

    private static readonly TableColumn<PairRow>[] After =
    [
        new TextColumn<PairRow>("clean", row => row.Clean),
        new TextColumn<PairRow>("corrupt", row => row.Corrupt),
        new TextColumn<PairRow>("clean_target", row => row.CleanTarget),
        new TextColumn<PairRow>("corrupt_target", row => row.CorruptTarget),
        new ValueColumn<PairRow, int>("clean_tokens", row => row.CleanTokens),
        new ValueColumn<PairRow, int>("corrupt_tokens", row => row.CorruptTokens),
        new TextColumn<PairRow>("clean_best", row => row.CleanBest),
        new TextColumn<PairRow>("corrupt_best", row => row.CorruptBest),
        new ValueColumn<PairRow, bool>("answered", row => row.Answered),
        new TextColumn<PairRow>("left_out", row => row.LeftOut, isRequired: false),
        new TextColumn<PairRow>("lacks_controls", row => row.LacksControls, isRequired: false),
    ];

    private static readonly HashSet<string> Fixed = new(Before.Concat(After).Select(column => column.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>The columns that a file must have.</summary>
    public static IEnumerable<string> Needed => Before.Concat(After).Select(column => column.Name);

    /// <summary>The columns.</summary>
    /// <param name="columns">The data's further columns.</param>
    /// <param name="values">The names of the values.</param>
    public static IReadOnlyList<TableColumn<PairRow>> Of(IReadOnlyList<string> columns, IReadOnlyList<string> values)
    {
        IEnumerable<TableColumn<PairRow>> numbers = values.SelectMany(Numbers);
        var taken = new HashSet<string>(Fixed.Concat(numbers.Select(column => column.Name)), StringComparer.OrdinalIgnoreCase);
        var looksLikeValues = ValuesIn(columns).Select(name => GapStart + Stem(name)).ToHashSet();
        return [.. Before, .. columns.Select(Text), .. After, .. numbers];

        TableColumn<PairRow> Text(string column)
        {
            var name = column.Length == 0 || looksLikeValues.Contains(column) ? $"{column}_" : column;
            while (!taken.Add(name)) name += "_";
            return new TextColumn<PairRow>(name, row => row.Columns.GetValueOrDefault(column), isRequired: false);
        }
    }

    /// <summary>The values among a file's columns, by name.</summary>
    public static IReadOnlyList<string> ValuesIn(IReadOnlyCollection<string> columns) =>
        [.. columns.Where(column => column.StartsWith(GapStart, StringComparison.Ordinal)).Select(column => column[GapStart.Length..])
            .Where(stem => columns.Contains(CleanStart + stem) && columns.Contains(CorruptStart + stem)).Select(NameOf)];

    /// <summary>The data's further columns among a file's.</summary>
    public static IReadOnlyList<string> FurtherIn(IReadOnlyCollection<string> columns)
    {
        var known = new HashSet<string>(Fixed.Concat(ValuesIn(columns).SelectMany(name => Numbers(name).Select(column => column.Name))), StringComparer.Ordinal);
        return [.. columns.Where(column => !known.Contains(column))];
    }

    /// <summary>The current row of a file.</summary>
    public static PairRow Read(TableReader row, IReadOnlyList<string> columns, IReadOnlyList<string> values) => new()
    {
        Model = row.Text("model"),
        Pair = row.Text("pair"),
        Line = row.Whole("line"),
        Clean = row.Text("clean"),
        Corrupt = row.Text("corrupt"),
        CleanTarget = row.Text("clean_target"),
        CorruptTarget = row.Text("corrupt_target"),
        CleanTokens = row.Whole("clean_tokens"),
        CorruptTokens = row.Whole("corrupt_tokens"),
        CleanBest = row.Text("clean_best"),
        CorruptBest = row.Text("corrupt_best"),
        Answered = row.Number("answered") != 0,
        LeftOut = row.TextOrNull("left_out"),
        LacksControls = row.TextOrNull("lacks_controls"),
        Columns = columns.Select(column => (column, row.TextOrNull(column))).Where(cell => cell.Item2 is not null).ToDictionary(cell => cell.column, cell => cell.Item2!),
        Values = values.Where(name => row.NumberOrNull(CleanStart + Stem(name)) is not null && row.NumberOrNull(CorruptStart + Stem(name)) is not null)
            .ToDictionary(name => name, name => ((float)row.Number(CleanStart + Stem(name)), (float)row.Number(CorruptStart + Stem(name)))),
    };

    // The metric best would take the name of the column with each run's best token.
    private static string Stem(string name) => Fixed.Contains(CleanStart + name) ? name + TakenEnd : name;

    private static string NameOf(string stem) =>
        stem.EndsWith(TakenEnd, StringComparison.Ordinal) && Fixed.Contains(CleanStart + stem[..^TakenEnd.Length]) ? stem[..^TakenEnd.Length] : stem;

    private static IEnumerable<TableColumn<PairRow>> Numbers(string name)
    {
        var stem = Stem(name);
        return
        [
            new ValueColumn<PairRow, float>(CleanStart + stem, row => Value(row)?.Clean, isRequired: false),
            new ValueColumn<PairRow, float>(CorruptStart + stem, row => Value(row)?.Corrupt, isRequired: false),
            new ValueColumn<PairRow, float>(GapStart + stem, row => Value(row)?.Clean - Value(row)?.Corrupt, isRequired: false),
        ];

        (float Clean, float Corrupt)? Value(PairRow row) => row.Values.TryGetValue(name, out var value) ? value : null;
    }
}
