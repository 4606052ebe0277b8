using PatchKernel.Sweeps;

namespace PatchKernel.Units;

/// <summary>The mean that a study puts in: of one kind for all its pairs, at each position or role where every drawn prompt suits every pair, and over all positions else.</summary>
internal sealed class StudyMean
{
    private readonly PatchSource.Mean? mean;

    /// <param name="study">The study.</param>
    /// <param name="pairs">Its pairs in a model's tokens.</param>
    /// <exception cref="PatchKernelException">It patches patterns, which have no mean over positions, and prompts differ.</exception>
    public StudyMean(Study study, IReadOnlyList<PromptPair> pairs)
    {
        if (study.Sources.FirstOrDefault(source => source.Name == StudySource.Mean) is not { } source) return;
        Prompt[] drawn = [.. new StudyControls(study.Seed).Sample("mean", source.Prompts, 2 * pairs.Count).Select(at => at % 2 == 0 ? pairs[at / 2].Clean : pairs[at / 2].Corrupt)];
        // What suits one site suits all, but for patterns.
        SweepOptions[] grids = [.. study.Sites.DistinctBy(site => site == Activation.Pattern).SelectMany(site => study.Directions, (site, direction) => study.Options(site, window: 1) with { Direction = direction })];
        mean = new(drawn, EachPosition: pairs.All(pair => grids.All(grid => drawn.All(prompt => SourceFit.Fault(pair, grid, prompt) is null))));
        if (!mean.EachPosition && study.Sites.Contains(Activation.Pattern))
            throw new PatchKernelException("A pattern has no mean over positions, and the study's prompts differ in length or in where its roles stand; leave out the source mean, or the site pattern.");
    }

    /// <summary>The mean for a pair.</summary>
    public PatchSource.Mean Source => mean!;

    /// <summary>Whether the prompts that it is taken over have what a pair's grid asks for.</summary>
    public bool Suits(PromptPair pair, SweepOptions options) => !mean!.EachPosition || mean.Prompts.All(prompt => SourceFit.Fault(pair, options, prompt) is null);
}
