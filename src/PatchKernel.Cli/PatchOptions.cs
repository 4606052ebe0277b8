using System.CommandLine;
using PatchKernel.Sweeps;

namespace PatchKernel.Cli;

/// <summary>What a sweep patches, what it puts in, and what it measures.</summary>
internal sealed class PatchOptions
{
    private const string Noising = "noising";

    private static readonly SweepOptions SweepDefaults = new();

    private readonly Option<string> site = OptionOf.Words(
        "--site", "What is patched; there is no resid_mid where attention and MLP run in parallel, as in Pythia.", [.. Sweep.Sites.OrderBy(site => site != Activation.ResidPost).Select(ActivationNames.Name)]);
    private readonly PositionsOption positions = new();
    private readonly Option<int?> window = OptionOf.Count("--window", "W", "How many layers around the cell's are patched together; odd.");
    private readonly Option<string> direction = OptionOf.Words(
        "--direction", "Clean activations into the corrupt run, or the reverse.", "denoising", Noising);
    private readonly Option<string> source = OptionOf.Words(
        "--source", "What is put in: the other run, zeros, the mean over the file's prompts (at each position, or over all where their lengths differ), or a run with noise on the subject.",
        "other", "zero", "mean", "noise");
    private readonly Option<double> noise = OptionOf.Amount(
        "--noise-std", "X", "Standard deviation of the noise, as a multiple of the embeddings'.", usual: 3, PatchSource.Noise.MostDeviation);
    private readonly Option<int?> samples = OptionOf.Count(
        "--noise-samples", "N", "Draws of noise to average over; by default 10.", most: PatchSource.Noise.MostSamples);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of the noise, of the cells to verify and of sampled rows; by default 0.", least: int.MinValue);
    private readonly Option<string?> metrics = OptionOf.Text(
        "--metric", "A,B", $"What is measured, by default {Names(SweepDefaults.Metrics)}: the first is drawn, all go into the result file. There are {Names(Metric.All)}.");
    private readonly Option<string> method = OptionOf.Words(
        "--method", "All cells in one pass, or one full forward a cell.", "wavefront", "naive");
    private readonly Option<long?> memory = MemoryOption.Create(
        "Memory that the sweep may take beside the weights; by default seven tenths of what is free. Where all cells need more, groups of them follow one another.");
    private readonly Option<int?> verify = OptionOf.Count("--verify", "N", "Compute so many random cells once more by a full forward, and compare.");

    public PatchOptions(Command command)
    {
        metrics.Validators.Add(result =>
        {
            if (result.Tokens is not [var token]) return;
            var names = Split(token.Value);
            if (names.Length == 0) result.AddError($"--metric names none; choose from {Names(Metric.All)}");
            else if (names.FirstOrDefault(name => Metric.All.All(metric => metric.Name != name)) is { } unknown)
                result.AddError($"--metric has no '{unknown}'; choose one of {Names(Metric.All)}, or several with commas between");
            else if (names.FirstOrDefault(name => names.Count(other => other == name) > 1) is { } twice)
                result.AddError($"--metric has '{twice}' twice; name it once");
        });
        foreach (var option in (Option[])[site, positions.Option, window, direction, source, noise, samples, seed, metrics, method, verify, memory])
            command.Options.Add(option);
    }

    /// <summary>The roles that cells are; null where they are none.</summary>
    public IReadOnlyList<TokenRole>? Roles(ParseResult parse) => positions.Roles(parse);

    /// <summary>The seed of whatever is drawn.</summary>
    public int Seed(ParseResult parse) => parse.GetValue(seed) ?? 0;

    /// <summary>Whether the prompts file is read for a mean.</summary>
    public bool ReadsPrompts(ParseResult parse) => parse.GetValue(source) == "mean";

    /// <summary>Fails where an option has no effect without another, or can't go with it: before anything is loaded.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="draws">Whether something else is drawn by the seed.</param>
    public void CheckTogether(ParseResult parse, bool draws)
    {
        Option[] ofNoise = [noise, samples];
        if (parse.GetValue(source) != "noise" && ofNoise.FirstOrDefault(parse.Has) is { } alone)
            throw new UsageException($"{alone.Name} goes with --source noise");
        if (parse.Has(seed) && !draws && parse.GetValue(source) != "noise" && !parse.Has(verify))
            throw new UsageException("--seed goes with --source noise, --verify or --sample: nothing else is drawn");
        if (parse.Has(verify) && parse.GetValue(method) == "naive")
            throw new UsageException("--verify compares with the naive method, and --method naive is that one already");
        Checked(Options(parse, mean: () => PatchSource.Zero), layers: null); // what a mean is over isn't read yet
    }

    /// <summary>Fails where a window takes every layer in every cell; of a model on the hub the settings alone are fetched for it.</summary>
    public void CheckWindow(ParseResult parse, Func<int> layers)
    {
        if (parse.Has(window)) Checked(Options(parse, mean: () => PatchSource.Zero), layers());
    }

    /// <summary>The options, for a checkpoint; the mean is over the prompts of the file that the checkpoint can read.</summary>
    public SweepOptions Read(ParseResult parse, PromptPair pair, ModelConfig config, Func<IReadOnlyList<Prompt>> prompts) =>
        Checked(Options(parse, () => SourceFit.Mean(prompts(), pair, Options(parse, mean: () => PatchSource.Zero))), config.NLayers);

    private static SweepOptions Checked(SweepOptions options, int? layers)
    {
        try
        {
            options.Check(layers);
            return options;
        }
        catch (PatchKernelException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private SweepOptions Options(ParseResult parse, Func<PatchSource> mean) => new()
    {
        Site = ActivationNames.Parse(parse.GetValue(site)!),
        Positions = positions.Positions(parse),
        Roles = positions.Roles(parse),
        Window = parse.GetValue(window) ?? 1,
        Direction = parse.GetValue(direction) == Noising ? Direction.Noising : Direction.Denoising,
        Source = parse.GetValue(source) switch
        {
            "zero" => PatchSource.Zero,
            "mean" => mean(),
            "noise" => new PatchSource.Noise(parse.GetValue(noise), parse.GetValue(samples) ?? 10, parse.GetValue(seed) ?? 0),
            _ => PatchSource.Other,
        },
        Metrics = parse.GetValue(metrics) is { } names ? [.. Split(names).Select(Metric.Parse)] : SweepDefaults.Metrics,
        Method = parse.GetValue(method) == "naive" ? SweepMethod.Naive : SweepMethod.Wavefront,
        Verify = parse.GetValue(verify),
        Seed = parse.GetValue(seed) ?? 0,
        Memory = parse.GetValue(memory),
    };

    private static string Names(IEnumerable<Metric> metrics) => string.Join(", ", metrics.Select(metric => metric.Name));

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
