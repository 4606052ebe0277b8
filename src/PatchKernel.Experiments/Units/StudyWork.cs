using PatchKernel.Costs;
using PatchKernel.Sweeps;

namespace PatchKernel.Units;

/// <summary>Estimates a study's cells, work and memory from shapes alone.</summary>
internal static class StudyWork
{
    /// <summary>Cells of a pair, all sites, windows, directions and sources, controls too.</summary>
    public static long Cells(Study study, ModelConfig config, PromptPair pair)
    {
        var (tokens, places) = (pair.Clean.Length, Places(study, pair));
        var grids = study.Sources.Sum(source => source.Name == "noise" ? source.Samples : 1)
            + (study.ControlsRun.Contains(StudyControl.Shuffled) ? 1 : 0);
        var cells = study.Sites.Sum(site => study.Roles is null
            ? SiteTable.In(config, site, study.Positions).Cells(config, tokens)
            : places * SiteTable.ByRole(config, site).Cells(config, tokens));
        return cells * grids * study.Windows.Count * study.Directions.Count;
    }

    /// <summary>How many places its roles are at, a random one among them; <c>.each</c> is at as many as a span has tokens.</summary>
    private static int Places(Study study, PromptPair pair)
    {
        if (study.Roles is null) return 0;
        RolePlace[] places = [.. study.Roles.SelectMany(role => role.In(pair.Clean, pair.Corrupt))];
        var random = study.ControlsRun.Contains(StudyControl.Random) && new StudyControls(study.Seed).RandomPosition(pair, places) is not null;
        return places.Length + (random ? 1 : 0);
    }

    /// <summary>Floating-point operations, about: both prompts of each pair twice, since a unit looks at its runs first, and each cell from its layer and position on.</summary>
    public static double Flop(Study study, ModelConfig config, IReadOnlyList<PromptPair> pairs) => pairs.GroupBy(pair => (pair.Clean.Length, First(study, pair), Cells(study, config, pair))).Sum(alike =>
    {
        var ((tokens, first, cells), flop) = (alike.Key, 0.0);
        foreach (var site in study.Sites)
        {
            var forward = new SweepWork(config, SiteTable.In(config, site, null), tokens, Math.Min(first, tokens - 1)).Forward;
            var lanes = study.ControlsRun.Contains(StudyControl.Shuffled) ? 3 : 2;
            // On average a cell's run has half of the layers before it.
            var cell = forward / 2 * (tokens - (study.Roles is null ? (first + tokens) / 2.0 : first)) / tokens;
            flop += alike.Count() * ((lanes + 2) * forward + cells / study.Sites.Count * cell);
        }
        return flop;
    });

    private static int First(Study study, PromptPair pair) => study.Roles is { } roles
        ? (int)roles.SelectMany(role => role.In(pair.Clean, pair.Corrupt)).Average(place => place.Corrupt.Min())
        : pair.DifferingPositions is [var first, ..] ? first : 0;

    /// <summary>The least memory of a pass over the study's longest prompts.</summary>
    public static long LeastMemory(Study study, ModelConfig config, IReadOnlyList<PromptPair> pairs)
    {
        var longest = pairs.Select(pair => Math.Max(pair.Clean.Length, pair.Corrupt.Length)).OrderDescending().Take(study.Unit ?? PreparedStudy.MostPairs).ToList();
        // Both prompts and a control's for each direction; noise runs the clean one anew in each grid, and a mean is taken over some prompts of all.
        var grids = study.Sites.Count * study.Windows.Count * study.Directions.Count;
        var lanes = 4 + study.Sources.Sum(source => source.Name == "noise" ? grids * source.Samples : 0);
        var shared = study.Sources.Sum(source => source.Name == StudySource.Mean ? source.Prompts : 0);
        Site[] sites = [.. study.Sites.Select(site => study.Roles is null ? SiteTable.In(config, site, study.Positions) : SiteTable.ByRole(config, site))];
        return new SweepMemory(config, [.. longest.SelectMany(length => Enumerable.Repeat(length, lanes)), .. Enumerable.Repeat(longest[0], shared)], sites).Least(config.DVocab);
    }
}
