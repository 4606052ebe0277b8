using System.CommandLine;
using PatchKernel.Circuits;

namespace PatchKernel.Cli;

/// <summary>What a command measures over: one pair, or several rows of a data file.</summary>
internal sealed class PairSet
{
    private readonly DataOptions data;
    private readonly PairSource? source;
    private readonly ExperimentData? rows;
    private DataSweep? checkedRows;
    private IReadOnlyList<(DataRow Row, SweepRequest Request)> requests = [];

    private PairSet(DataOptions data, PairSource? source, ExperimentData? rows) => (this.data, this.source, this.rows) = (data, source, rows);

    /// <summary>What the options say, before there is a model.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="pairs">Which pair.</param>
    /// <param name="data">Which rows.</param>
    /// <param name="seed">Of sampled rows.</param>
    public static PairSet Read(ParseResult parse, PairOptions pairs, DataOptions data, int seed)
    {
        var rows = data.Read(parse, pairs, seed);
        return new(data, rows is null ? pairs.Read(parse) : data.Single(parse, rows) is { } row ? DataOptions.SourceOf(row) : null, rows);
    }

    /// <summary>Whether there are several pairs.</summary>
    public bool IsSeveral => source is null;

    /// <summary>Whether a tokenizer is needed.</summary>
    public bool HasTexts => source?.HasTexts ?? true;

    /// <summary>The data file, where there is one.</summary>
    public IEnumerable<string> Inputs => rows is null ? [] : [rows.Path];

    /// <summary>The pairs in the model's tokens.</summary>
    public IReadOnlyList<PromptPair> Pairs { get; private set; } = [];

    /// <summary>Finds the pairs, and refuses or leaves out those that can't be run; no weights are needed.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="terminal">Gets what is said of the pairs.</param>
    /// <param name="metric">By which the runs have to differ.</param>
    /// <param name="roles">What stands at the positions that are patched; null for all.</param>
    public void Find(ParseResult parse, Checkpoint checkpoint, Terminal terminal, Metric metric, IReadOnlyList<TokenRole>? roles = null)
    {
        if (source is not null)
        {
            var pair = source.For(checkpoint);
            PairReport.BeforeRuns(terminal, source, pair, checkpoint, roles);
            if (roles is not null) _ = PairCheck.Run(pair).ThrowIfErrors(); // an edge's ends are at one position of both prompts
            _ = EdgePositions.Of(null, roles, pair);
            Pairs = [pair];
            return;
        }
        checkedRows = new DataSweep(rows!, data.SkipsBad(parse), terminal);
        requests = checkedRows.Requests(checkpoint.Tokenizer, checkpoint.Config.DVocab, roles: null, pair =>
        {
            _ = EdgePositions.Of(null, roles, pair);
            return new SweepOptions { Metric = metric };
        });
        Pairs = [.. requests.Select(row => row.Request.Pair)];
    }

    /// <summary>Of several rows, leaves out those whose runs give no score or, where that is asked for, aren't answered rightly, and says how many.</summary>
    public void Run(ParseResult parse, LanguageModel model, Terminal terminal, CancellationToken cancel)
    {
        if (checkedRows is null) return;
        var onlyAnswered = data.OnlyAnswered(parse);
        requests = ProgressBars.Counted(terminal, "runs", progress => checkedRows.WithRuns(requests, model, onlyAnswered, progress, cancel));
        checkedRows.Report(requests.Count, onlyAnswered, done: "used");
        Pairs = [.. requests.Select(row => row.Request.Pair)];
    }
}
