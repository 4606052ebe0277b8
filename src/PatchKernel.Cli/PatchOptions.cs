using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>What a sweep patches, what it puts in, and what it measures.</summary>
internal sealed class PatchOptions : GridOptions
{
    private const string Noising = "noising";

    private static readonly SweepOptions SweepDefaults = new();

    private readonly Option<string> direction = OptionOf.Words(
        "--direction", "Clean activations into the corrupt run, or the reverse.", "denoising", Noising);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of the noise, of the cells to verify and of sampled rows; by default 0.", least: int.MinValue);
    private readonly Option<string?> metrics = OptionOf.Metrics(SweepDefaults.Metrics, "What is measured");
    private readonly Option<string> method = OptionOf.Words(
        "--method", "All cells in one pass, or one full forward a cell.", "wavefront", "naive");
    private readonly Option<long?> memory = MemoryOption.Create(
        "Memory that the sweep may take beside the weights; by default seven tenths of what is free. Where all cells need more, groups of them follow one another.");
    private readonly Option<int?> verify = OptionOf.Count("--verify", "N", "Compute so many random cells once more by a full forward, and compare.");

    public PatchOptions(Command command)
    {
        foreach (var option in (Option[])[Sites.Site, .. Sites.Others, direction, seed, metrics, method, verify, memory]) command.Options.Add(option);
    }

    protected override SiteOptions Sites { get; } = new("What is patched; there is no resid_mid where attention and MLP run in parallel, as in Pythia.");

    public override int Seed(ParseResult parse) => parse.GetValue(seed) ?? 0;

    public override void CheckTogether(ParseResult parse, bool draws)
    {
        if (parse.Has(seed) && !draws && !Sites.Draws(parse) && !parse.Has(verify))
            throw new UsageException("--seed goes with --source noise, --verify or --sample: nothing else is drawn");
        if (parse.Has(verify) && parse.GetValue(method) == "naive")
            throw new UsageException("--verify compares with the naive method, and --method naive is that one already");
        base.CheckTogether(parse, draws);
    }

    protected override SweepOptions Options(ParseResult parse, Func<PatchSource> mean) => Sites.Read(parse, Seed(parse), mean) with
    {
        Direction = parse.GetValue(direction) == Noising ? Direction.Noising : Direction.Denoising,
        Metrics = OptionOf.MetricsIn(parse.GetValue(metrics)) ?? SweepDefaults.Metrics,
        Method = parse.GetValue(method) == "naive" ? SweepMethod.Naive : SweepMethod.Wavefront,
        Verify = parse.GetValue(verify),
        Seed = Seed(parse),
        Memory = parse.GetValue(memory),
    };
}
