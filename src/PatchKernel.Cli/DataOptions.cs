using System.CommandLine;
using System.Globalization;
using PatchKernel.Text;

namespace PatchKernel.Cli;

/// <summary>Which rows of a data file.</summary>
internal sealed class DataOptions
{
    private const int UsualLimit = 20;

    private readonly Option<string?> file = OptionOf.Text("--data", "FILE", "Data file of pairs, a row each: .jsonl, .csv or a prompts.json. Several rows are swept in one pass, and their average is drawn.");
    private readonly Option<string?> row = OptionOf.Text("--row", "NAME|LINE", "With --data: that row alone, by its id or the line that it begins on.");
    private readonly Option<int?> skip = OptionOf.Count("--skip", "N", "With --data: passes over the first N rows, such as those that a circuit was made of.", least: 0);
    private readonly Option<int?> limit = OptionOf.Count("--limit", "N", $"With --data: the first N rows; by default {UsualLimit}.");
    private readonly Option<int?> sample = OptionOf.Count("--sample", "N", "With --data: N rows at random, drawn by --seed.");
    private readonly Option<bool> skipBad = new("--skip-bad") { Description = "With --data: leave out rows that can't be used, and say how many; else the first one is an error." };
    private readonly Option<bool> onlyAnswered = new("--only-answered") { Description = "With --data: leave out rows that the model doesn't answer rightly in both runs, and say how many." };

    public DataOptions(Command command)
    {
        foreach (var option in (Option[])[file, row, skip, limit, sample, skipBad, onlyAnswered]) command.Options.Add(option);
    }

    /// <summary>Name of the first of these options that is there, or null.</summary>
    public string? Given(ParseResult parse) => ((Option[])[file, row, skip, limit, sample, skipBad, onlyAnswered]).FirstOrDefault(parse.Has)?.Name;

    /// <summary>Whether a row that can't be used is left out.</summary>
    public bool SkipsBad(ParseResult parse) => parse.GetValue(skipBad);

    /// <summary>Whether a row that isn't answered rightly is left out.</summary>
    public bool OnlyAnswered(ParseResult parse) => parse.GetValue(onlyAnswered);

    /// <summary>Whether rows are drawn by the seed.</summary>
    public bool Draws(ParseResult parse) => parse.Has(sample);

    /// <summary>The rows; null where no data file is asked for.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="pairs">What a data file stands in place of.</param>
    /// <param name="seed">Of the sample.</param>
    public ExperimentData? Read(ParseResult parse, PairOptions pairs, int seed)
    {
        if (parse.GetValue(file) is not { } path)
            return ((Option[])[row, skip, limit, sample, skipBad, onlyAnswered]).FirstOrDefault(parse.Has) is { } alone ? throw new UsageException($"{alone.Name} goes with {file.Name}") : null;
        if (pairs.Given(parse) is { } other) throw new UsageException($"{file.Name} and {other} don't go together; give a data file or one pair");
        if (pairs.AsChat(parse)) throw new UsageException($"{file.Name} takes prompts as they stand, and --as-chat makes turns of them; leave one of them out");
        if (parse.Has(row) && ((Option[])[skip, limit, sample, skipBad, onlyAnswered]).FirstOrDefault(parse.Has) is { } several) throw new UsageException($"{row.Name} is one row, and {several.Name} is for several; leave one of them out");
        return ExperimentData.Load(path, parse.Has(row)
            ? new DataSelection { SkipBad = true }
            : new DataSelection { Skip = parse.GetValue(skip) ?? 0, Limit = parse.GetValue(limit) ?? (parse.Has(sample) ? null : UsualLimit), Sample = parse.GetValue(sample), Seed = seed, SkipBad = SkipsBad(parse) });
    }

    /// <summary>The row that is asked for, or the only one; null where there are several.</summary>
    /// <exception cref="PatchKernelException">There is no such row, or it is bad.</exception>
    public DataRow? Single(ParseResult parse, ExperimentData data)
    {
        if (parse.GetValue(row) is not { } wanted) return data.Rows is [var only] ? only : null;
        if (data.Rows.FirstOrDefault(each => each.Name == wanted) is { } named) return named;
        var isLine = int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var line);
        if (isLine && data.Rows.FirstOrDefault(each => each.Line == line) is { } there) return there;
        if (isLine && data.Skipped.FirstOrDefault(each => each.Line == line) is { } bad) throw new PatchKernelException($"{data.Path}, {bad}.");
        var near = NearNames.Of(wanted, data.Rows.Select(each => each.Name));
        throw new PatchKernelException($"'{data.Path}' has no row '{wanted}'; " + (near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : "give an id, or the line that a row begins on."));
    }

    /// <summary>A row as a pair.</summary>
    public static PairSource SourceOf(DataRow row) => new(null, true, checkpoint => row.In(checkpoint.Tokenizer)) { Row = row };
}
