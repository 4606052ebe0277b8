using System.CommandLine;
using PatchKernel.Sweeps;

namespace PatchKernel.Cli;

/// <summary>What a command's options say of a sweep, whether its cells are exact or estimated.</summary>
internal abstract class GridOptions
{
    /// <summary>Where is patched, and what is put in.</summary>
    protected abstract SiteOptions Sites { get; }

    /// <summary>The roles that cells are; null where they are none.</summary>
    public IReadOnlyList<TokenRole>? Roles(ParseResult parse) => Sites.Roles(parse);

    /// <summary>Fails where several rows can't be averaged.</summary>
    public void CheckAverage(ParseResult parse) => Sites.RefuseHeadsByPlace(parse);

    /// <summary>Whether the prompts file is read for a mean.</summary>
    public bool ReadsPrompts(ParseResult parse) => Sites.ReadsPrompts(parse);

    /// <summary>The seed of whatever is drawn.</summary>
    public abstract int Seed(ParseResult parse);

    /// <summary>Fails where an option has no effect without another, or can't go with it: before anything is loaded.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="draws">Whether something else is drawn by the seed.</param>
    public virtual void CheckTogether(ParseResult parse, bool draws)
    {
        Sites.CheckTogether(parse);
        Checked(Options(parse, mean: SomeMean), layers: null); // what a mean is over isn't read yet
    }

    /// <summary>Fails where a window takes every layer in every cell; of a model on the hub the settings alone are fetched for it.</summary>
    public void CheckWindow(ParseResult parse, Func<int> layers)
    {
        if (Sites.HasWindow(parse)) Checked(Options(parse, mean: SomeMean), layers());
    }

    /// <summary>The options, for a checkpoint; the mean is over the prompts of the file that the checkpoint can read.</summary>
    public SweepOptions Read(ParseResult parse, PromptPair pair, ModelConfig config, Func<IReadOnlyList<Prompt>> prompts)
    {
        var options = Checked(Options(parse, () => SourceFit.Mean(prompts(), pair, Options(parse, mean: SomeMean))), config.NLayers);
        if (options.Source is PatchSource.OtherRun && options.Roles is not null) EstimateOptions.CheckLengths(options.Method, pair.Clean.Length, pair.Corrupt.Length);
        return options;
    }

    /// <summary>The options, unchecked.</summary>
    protected abstract SweepOptions Options(ParseResult parse, Func<PatchSource> mean);

    // Any will do where nothing runs.
    private static PatchSource SomeMean() => new PatchSource.Mean([Prompt.FromIds([0])]);

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
}
