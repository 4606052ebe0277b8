using System.Text.Json.Nodes;
using PatchKernel.Studies;
using PatchKernel.Tables;

namespace PatchKernel;

/// <summary>A study: which models, which pairs, what is patched and what is measured. <c>experiment.json</c> has one.</summary>
public sealed record Study
{
    /// <summary>The models: folders, GGUF files, or names on the hub.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>The data file.</summary>
    public required string Data { get; init; }

    /// <summary>Which of its rows.</summary>
    public DataSelection Selection { get; init; } = new();

    /// <summary>Whether only pairs count that the model answers rightly in both runs.</summary>
    public bool OnlyAnswered { get; init; }

    /// <summary>What is patched; resid_post by default.</summary>
    public IReadOnlyList<Activation> Sites { get; init; } = [Activation.ResidPost];

    /// <summary>The roles whose tokens are patched; null for the positions of the token grid.</summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>Without roles, whether a cell is one position; the site's own way by default.</summary>
    public Positions? Positions { get; init; }

    /// <summary>Which runs are patched; the corrupt ones by default.</summary>
    public IReadOnlyList<Direction> Directions { get; init; } = [Direction.Denoising];

    /// <summary>What is put in; the other run's activation by default.</summary>
    public IReadOnlyList<StudySource> Sources { get; init; } = [StudySource.Other];

    /// <summary>How many layers are patched together; 1 by default.</summary>
    public IReadOnlyList<int> Windows { get; init; } = [1];

    /// <summary>What is measured; by default the clean target's logit and the logit difference.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [Metric.TargetLogit, Metric.LogitDiff];

    /// <summary>What the numbers are compared with; by default both where the study goes by roles, and none elsewhere.</summary>
    public IReadOnlyList<StudyControl>? Controls { get; init; }

    /// <summary>What matrices are multiplied in.</summary>
    public string Dtype { get; init; } = "float32";

    /// <summary>What computes: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Seed of all that is drawn: samples, splits, noise, controls, intervals.</summary>
    public int Seed { get; init; }

    /// <summary>How many random cells of each unit are computed once more by a full forward; null for none in float32 and three in a narrower dtype.</summary>
    public int? Verify { get; init; }

    /// <summary>How many pairs go through the model together; null for as many as suit the number of cells.</summary>
    public int? Unit { get; init; }

    /// <summary>The controls that run.</summary>
    internal IReadOnlyList<StudyControl> ControlsRun => Controls ?? (Roles is null ? [] : TakesOther ? Enum.GetValues<StudyControl>() : [StudyControl.Random]);

    private bool TakesOther => Sources.Any(source => source.Name == StudySource.Other.Name);

    /// <summary>Reads a study file.</summary>
    /// <param name="path">The file; paths in it are relative to its folder.</param>
    /// <param name="overrides">Fields that take the place of the file's; their paths are relative to the current folder. Null for none.</param>
    /// <exception cref="PatchKernelException">It can't be read, a newer version wrote it, or a field doesn't belong there.</exception>
    public static Study Load(string path, JsonObject? overrides = null) => StudyReader.Read(path, overrides ?? []);

    /// <summary>Refuses what no study can do; a run does this before anything is loaded.</summary>
    /// <exception cref="PatchKernelException">A field is empty, out of range, named twice, or two don't go together.</exception>
    public void Check()
    {
        if (Models.Count == 0) throw new PatchKernelException("A study needs a model; name at least one.");
        RefuseTwice("model", Models);
        RefuseTwice("site", Sites.Select(ActivationNames.Name));
        RefuseTwice("direction", Directions.Select(direction => direction.ToString().ToLowerInvariant()));
        RefuseTwice("source", Sources.Select(source => source.Name));
        RefuseTwice("window", Windows.Select(window => $"{window}"));
        if (Roles?.Any(role => role.Name == ControlNames.RandomRole) == true) throw new PatchKernelException($"A study's tables call the control of a random position '{ControlNames.RandomRole}', so no role can be called that; write {ControlNames.RandomRole}.each for a span's tokens, or give it another name.");
        if (ControlsRun.Contains(StudyControl.Random) && Roles is null) throw new PatchKernelException("The control 'random' takes a random position in a role's place, and a study of all positions has every one already; leave it out, or give roles.");
        if (ControlsRun.Contains(StudyControl.Shuffled) && !TakesOther) throw new PatchKernelException("The control 'shuffled' takes another pair's run in the place of the pair's own, and no source takes that; leave it out, or add the source other.");
        if (ControlsRun.Distinct().Count() < ControlsRun.Count) throw new PatchKernelException($"The study names the control {ControlsRun.GroupBy(control => control).First(same => same.Count() > 1).Key.ToString().ToLowerInvariant()} twice; name it once.");
        if (Unit < 1) throw new PatchKernelException($"A unit of {Unit} pairs can't run; give a number from 1 on.");
        foreach (var source in Sources) source.Check();
        foreach (var options in Sites.SelectMany(site => Windows, (site, window) => Options(site, window))) (options with { Verify = Verify }).Check();
    }

    /// <summary>The options of one of its sweeps, without direction and source.</summary>
    internal SweepOptions Options(Activation site, int window) =>
        new() { Site = site, Window = window, Roles = Roles, Positions = Positions, Metrics = Metrics, Seed = Seed, Verify = 0 };

    private static void RefuseTwice(string what, IEnumerable<string> names)
    {
        var all = names.ToList();
        if (all.Count == 0) throw new PatchKernelException($"A study needs a {what}; name at least one, or leave the list out.");
        if (all.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new PatchKernelException($"The study names the {what} {twice.Key} twice; name it once.");
    }
}
