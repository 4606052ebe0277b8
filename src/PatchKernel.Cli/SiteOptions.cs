using System.CommandLine;
using PatchKernel.Sweeps;

namespace PatchKernel.Cli;

/// <summary>Where a sweep patches, and what it puts in.</summary>
internal sealed class SiteOptions
{
    private readonly PositionsOption positions = new();
    private readonly Option<int?> window = OptionOf.Count("--window", "W", "How many layers around the cell's are patched together; odd.");
    private readonly Option<string> source = OptionOf.Words(
        "--source", "What is put in: the other run, zeros, the mean over the file's prompts (at each position, or over all where their lengths differ), or a run with noise on the subject.",
        "other", "zero", "mean", "noise");
    private readonly Option<double> noise = OptionOf.Amount(
        "--noise-std", "X", "Standard deviation of the noise, as a multiple of the embeddings'.", usual: 3, PatchSource.Noise.MostDeviation);
    private readonly Option<int?> samples = OptionOf.Count(
        "--noise-samples", "N", "Draws of noise to average over; by default 10.", most: PatchSource.Noise.MostSamples);

    /// <param name="site">What the site is for, as the help says it.</param>
    /// <param name="hasDefault">Whether resid_post is taken where no site is given.</param>
    public SiteOptions(string site, bool hasDefault = true)
    {
        Site = OptionOf.Words("--site", site, [.. Sweep.Sites.OrderBy(site => site != Activation.ResidPost).Select(ActivationNames.Name)]);
        if (!hasDefault) Site.DefaultValueFactory = null;
    }

    /// <summary>The site's own option.</summary>
    public Option<string> Site { get; }

    /// <summary>The option of positions.</summary>
    public Option Positions => positions.Option;

    /// <summary>Where and what, beside the site.</summary>
    public IReadOnlyList<Option> Others => [positions.Option, window, source, noise, samples];

    /// <summary>Whether something is drawn by the seed.</summary>
    public bool Draws(ParseResult parse) => parse.GetValue(source) == "noise";

    /// <summary>The roles that cells are; null where they are none.</summary>
    public IReadOnlyList<TokenRole>? Roles(ParseResult parse) => positions.Roles(parse);

    /// <summary>Whether the prompts file is read for a mean.</summary>
    public bool ReadsPrompts(ParseResult parse) => parse.GetValue(source) == "mean";

    /// <summary>Whether a window was asked for.</summary>
    public bool HasWindow(ParseResult parse) => parse.Has(window);

    /// <summary>Fails where an option has no effect without another.</summary>
    public void CheckTogether(ParseResult parse)
    {
        if (!Draws(parse) && ((Option[])[noise, samples]).FirstOrDefault(parse.Has) is { } alone) throw new UsageException($"{alone.Name} goes with {source.Name} noise");
    }

    /// <summary>Fails where something that has no cells is asked for position by position.</summary>
    public void RefuseEach(ParseResult parse)
    {
        if (positions.Positions(parse) == PatchKernel.Positions.Each) throw new UsageException($"{positions.Option.Name} each is for cells; edges are patched at all positions, or at roles such as subject.last,last");
    }

    /// <summary>Fails where an average over rows would have heads at each place.</summary>
    public void RefuseHeadsByPlace(ParseResult parse)
    {
        var site = SiteTable.Of(ActivationNames.Parse(parse.GetValue(Site)!), positions.Positions(parse));
        if (site.HasHeads && (site.EachPosition || Roles(parse) is not null))
            throw new UsageException($"{positions.Option.Name} is for one pair where the cells are heads, and several rows are averaged; give --row, or leave it out");
    }

    /// <summary>What they say of a sweep.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="mean">What a mean is over.</param>
    public SweepOptions Read(ParseResult parse, int seed, Func<PatchSource> mean) => new()
    {
        Site = ActivationNames.Parse(parse.GetValue(Site)!),
        Positions = positions.Positions(parse),
        Roles = positions.Roles(parse),
        Window = parse.GetValue(window) ?? 1,
        Source = parse.GetValue(source) switch
        {
            "zero" => PatchSource.Zero,
            "mean" => mean(),
            "noise" => new PatchSource.Noise(parse.GetValue(noise), parse.GetValue(samples) ?? 10, seed),
            _ => PatchSource.Other,
        },
    };
}
