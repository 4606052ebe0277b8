using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>What circuits are run on: the model and its pairs, what edges outside a circuit carry, what is measured, and the seed of what is drawn.</summary>
internal sealed class CircuitRunOptions
{
    private const string Mean = "mean";

    private readonly Option<string> source = OptionOf.Words(
        "--source", "What the other edges carry: the corrupt run's sender, nothing, or over --data each sender's mean over the corrupt prompts (at each position, or over all where their lengths differ).",
        "other", "zero", Mean);
    private readonly Option<string> metric;
    private readonly Option<bool> connected = new("--connected")
    {
        Description = "Draw random circuits whose edges all lie on paths from the embedding to the logits; by default they are drawn anywhere, and of a few most lead nowhere.",
    };
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of what is drawn; by default 0.", least: int.MinValue);
    private readonly PairOptions pairs;
    private readonly DataOptions data;

    /// <param name="command">Gets the options.</param>
    /// <param name="metric">Whose metric is measured where none is given.</param>
    public CircuitRunOptions(Command command, string metric)
    {
        this.metric = OptionOf.Metric($"What is measured; where it isn't said, the {metric} own metric.");
        Models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: true);
        data = new DataOptions(command);
        foreach (var option in (Option[])[source, this.metric, connected, seed]) command.Options.Add(option);
    }

    /// <summary>Which model.</summary>
    public ModelOptions Models { get; }

    /// <summary>The seed of what is drawn.</summary>
    public int Seed(ParseResult parse) => parse.GetValue(seed) ?? 0;

    /// <summary>Whether <c>--metric</c> was given.</summary>
    public bool HasMetric(ParseResult parse) => parse.Has(metric);

    /// <summary>Whether edges of random circuits lie on paths from the embedding to the logits.</summary>
    public bool ConnectsRandom(ParseResult parse) => parse.GetValue(connected);

    /// <summary>Which pairs; fails where options don't go together.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="random">The option of how many random circuits are run.</param>
    /// <param name="drawing">Further options of how much is drawn by it.</param>
    public PairSet Pairs(ParseResult parse, Option<int?> random, params IEnumerable<Option<int?>> drawing)
    {
        if (parse.GetValue(connected) && parse.GetValue(random) == 0) throw new UsageException($"{connected.Name} goes with {random.Name}: there is no random circuit");
        Option<int?>[] all = [random, .. drawing];
        if (parse.Has(seed) && all.All(option => parse.GetValue(option) == 0) && !data.Draws(parse))
            throw new UsageException($"{seed.Name} goes with {string.Join(", ", all.Select(option => option.Name))} or --sample: nothing else is drawn");
        var set = PairSet.Read(parse, pairs, data, Seed(parse));
        if (parse.GetValue(source) == Mean && !set.IsSeveral) throw new UsageException($"{source.Name} {Mean} goes with several rows of --data, over whose corrupt prompts it is taken");
        return set;
    }

    /// <summary>Finds the pairs, loads the model, and leaves out pairs that it gives no score.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="set">The pairs.</param>
    /// <param name="file">Has the metric where none is given; null for a file that says nothing of one.</param>
    /// <param name="terminal">What else is shown.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="options">What other edges carry, and what is measured.</param>
    /// <returns>The model; the caller's to dispose.</returns>
    public LanguageModel Load(
        ParseResult parse, Checkpoint checkpoint, PairSet set, ScoredGraph? file, Terminal terminal, CancellationToken cancel, out CircuitOptions options)
    {
        var measured = Metric.Parse(parse.Has(metric) || file is null ? parse.GetValue(metric)! : file.Metric);
        set.Find(parse, checkpoint, terminal, measured);
        var model = Models.Load(parse, checkpoint, terminal);
        try
        {
            set.Run(parse, model, terminal, cancel);
            options = new() { Metric = measured, Source = SourceOf(parse, set.Pairs) };
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private PatchSource SourceOf(ParseResult parse, IReadOnlyList<PromptPair> over) => parse.GetValue(source) switch
    {
        "zero" => PatchSource.Zero,
        Mean => new PatchSource.Mean([.. over.Select(pair => pair.Corrupt)], EachPosition: over.All(pair => pair.Corrupt.Length == over[0].Corrupt.Length)),
        _ => PatchSource.Other,
    };
}
