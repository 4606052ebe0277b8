using PatchKernel.Sweeps;
using PatchKernel.Tables;

namespace PatchKernel.Units;

/// <summary>Which grids a study sweeps of a pair, its controls among them.</summary>
/// <param name="study">The study.</param>
/// <param name="pairs">Every pair of the study in the model's tokens, in order; controls draw from them.</param>
/// <param name="rows">Their rows in the data file.</param>
/// <param name="mean">The mean that the study puts in.</param>
/// <param name="memory">Bytes that a pass may take beside the weights.</param>
internal sealed class UnitPlan(Study study, IReadOnlyList<PromptPair> pairs, IReadOnlyList<DataRow> rows, StudyMean mean, long memory)
{
    private readonly StudyControls controls = new(study.Seed);

    /// <summary>A pair's grids, all sites, windows, directions and sources.</summary>
    /// <param name="at">The pair.</param>
    public PairPlan Of(int at)
    {
        var pair = pairs[at];
        var random = RandomRole(pair);
        List<SweepRequest> requests = [];
        List<string> lacking = study.ControlsRun.Contains(StudyControl.Random) && random is null ? [ControlNames.RandomRole] : [];
        foreach (var options in Grids(random))
        {
            requests.AddRange(study.Sources.Select(source => new SweepRequest(pair, With(SourceOf(source, at), pair, options))));
            if (!study.ControlsRun.Contains(StudyControl.Shuffled)) continue;
            if (Donor(pair, options) is { } donor) requests.Add(new(pair, options with { Source = donor }));
            else lacking.Add(ControlNames.ShuffledSource);
        }
        return new(requests, [.. lacking.Distinct()]);
    }

    /// <summary>Of some grids, the one whose cells are verified.</summary>
    /// <param name="at">The unit's first pair.</param>
    /// <param name="count">How many grids.</param>
    public int Verified(int at, int count) => controls.Draw("verify", rows[at].Name, count);

    private IEnumerable<SweepOptions> Grids(TokenRole? random) =>
        from site in study.Sites
        from window in study.Windows
        from direction in study.Directions
        select study.Options(site, window) with { Direction = direction, Roles = random is null ? study.Roles : [.. study.Roles!, random], Memory = memory, MayLackGap = true };

    private TokenRole? RandomRole(PromptPair pair) => study.ControlsRun.Contains(StudyControl.Random)
        ? controls.RandomPosition(pair, [.. study.Roles!.SelectMany(role => role.In(pair.Clean, pair.Corrupt))]) : null;

    /// <summary>The source; of a mean without the random position where its prompts are too short for that.</summary>
    private SweepOptions With(PatchSource source, PromptPair pair, SweepOptions options) =>
        options with { Source = source, Roles = source is PatchSource.Mean && !mean.Suits(pair, options) ? study.Roles : options.Roles };

    private PatchSource.Resampled? Donor(PromptPair pair, SweepOptions options)
    {
        return controls.Donor(pair, pairs, Side, prompt => SourceFit.Fault(pair, options, prompt) is null) is { } donor ? new(donor) : null;

        Prompt Side(PromptPair other) => options.Direction == Direction.Denoising ? other.Clean : other.Corrupt;
    }

    private PatchSource SourceOf(StudySource source, int at) => source.Name switch
    {
        "zero" => PatchSource.Zero,
        "noise" => new PatchSource.Noise(source.StandardDeviation, source.Samples, controls.Draw("noise", rows[at].Name, int.MaxValue)),
        StudySource.Mean => mean.Source,
        _ => PatchSource.Other,
    };
}

/// <summary>A pair's grids.</summary>
/// <param name="Requests">The grids.</param>
/// <param name="LacksControls">The controls that the pair can't have, by name.</param>
internal sealed record PairPlan(IReadOnlyList<SweepRequest> Requests, IReadOnlyList<string> LacksControls);
