using PatchKernel.Metrics;
using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>What a sweep measured: managed arrays with their labels, and no tensor.</summary>
public sealed partial record SweepResult
{
    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>The prompts and the targets.</summary>
    public required PromptPair Pair { get; init; }

    /// <summary>What was patched; null where a grid's own taps did something else, which <see cref="Intervention"/> names.</summary>
    public required Activation? Site { get; init; }

    /// <summary>What the taps of an own grid do, in its author's words; null elsewhere.</summary>
    public string? Intervention { get; init; }

    /// <summary>Of an own grid, how many cells were run; the others have what the unpatched run measured. Null where all were.</summary>
    public int? CellsRun { get; init; }

    /// <summary>Which run was patched.</summary>
    public required Direction Direction { get; init; }

    /// <summary>What was measured; charts draw the first, unless they are asked for another.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>How it was computed: <c>wavefront</c> is one pass for all cells, <c>naive</c> one full forward a cell; <c>atp</c> and <c>ig</c> are estimates by gradients.</summary>
    public required string Method { get; init; }

    /// <summary>How many layers were patched together.</summary>
    public int Window { get; init; } = 1;

    /// <summary>What was put in: <c>other</c> is the other run's activation; see <see cref="PatchSource"/>.</summary>
    public string Source { get; init; } = PatchSource.Other.Name;

    /// <summary>Of a noised run its noise, and the positions that got it; null of every other source, and in results of older files.</summary>
    public PatchSource.Noise? Noise { get; init; }

    /// <summary>The clean run, unpatched.</summary>
    public required RunSummary CleanRun { get; init; }

    /// <summary>The corrupt run, unpatched; where noise stands for it, the mean over the noised runs.</summary>
    public required RunSummary CorruptRun { get; init; }

    /// <summary>Where the roles of the axis <c>role</c> are in both prompts; null in a sweep of positions.</summary>
    public IReadOnlyList<RolePlace>? Places { get; init; }

    /// <summary>The grid's axes, outermost first: <c>layer</c>, then <c>pos</c>, <c>role</c>, <c>head</c> or <c>query_pos</c>.</summary>
    public required IReadOnlyList<string> Axes { get; init; }

    /// <summary>The grid's size along each axis.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>
    /// A metric's name and its number in each cell, flat and row-major over <see cref="Shape"/>; both targets' logits as <c>clean_target</c> and
    /// <c>corrupt_target</c>; the first metric's score as <c>normalised_score</c>; of noise the standard deviation of each, <c>_std</c> behind its name.
    /// </summary>
    public required IReadOnlyDictionary<string, float[]> Values { get; init; }

    /// <summary>How far some cells were from one full forward each; null if none were compared.</summary>
    public Verification? Verified { get; init; }

    /// <summary>Every cell's logits at the last position, [cells][d_vocab], where they were kept; of noise, the first sample's. Not part of the file.</summary>
    public float[][]? Logits { get; init; }

    /// <summary>The clean run's logits at the last position, [d_vocab], where logits were kept; not part of the file.</summary>
    public float[]? CleanLogits { get; init; }

    /// <summary>The corrupt run's, of noise their mean.</summary>
    public float[]? CorruptLogits { get; init; }

    /// <summary>Logit of the clean target after each patch, flat and row-major.</summary>
    public float[] CleanTarget => Values[ValueNames.CleanTarget];

    /// <summary>Logit of the corrupt target after each patch, flat and row-major.</summary>
    public float[] CorruptTarget => Values[ValueNames.CorruptTarget];

    /// <summary>The result in a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="PatchKernelException">There is no such file, it is broken, or a newer version wrote it.</exception>
    public static SweepResult Load(string path) => SweepFileReader.Read(path);

    /// <summary>Writes a result file: JSON, version 2, every number exact.</summary>
    /// <exception cref="PatchKernelException">The path can't be written, or a value is infinite or not a number.</exception>
    public void Save(string path) => AtomicFile.Write(path, SweepFile.Write(this));

    /// <summary>The content of the file that <see cref="Save"/> writes.</summary>
    /// <exception cref="PatchKernelException">A value is infinite or not a number.</exception>
    public string ToJson() => System.Text.Encoding.UTF8.GetString(SweepFile.Write(this));

    /// <summary>One line: what ran, the grid's size, the range, and the cell in which the patch did most.</summary>
    public override string ToString() => SweepSummary.Of(this);

    /// <summary>The site's name, or the intervention's.</summary>
    internal string SiteName => Site?.Name() ?? Intervention ?? "own intervention";

    /// <summary>What the run that scores 0 is called.</summary>
    internal string CorruptName => Source == PatchSource.NoiseName ? "noised" : "corrupt";
}
