using PatchKernel.Metrics;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Some cells computed once more, by one full forward each, in float32 whatever the sweep's dtype.</summary>
/// <param name="Cells">How many.</param>
/// <param name="LargestDeviation">The largest difference of a target's logit.</param>
public sealed record Verification(int Cells, float LargestDeviation)
{
    /// <summary>
    /// The largest difference as a share of the spread of its cell's logits, which is from the lowest to the highest of them and 0; null in results of older
    /// files, which had no cell that was off.
    /// </summary>
    public float? LargestShare { get; init; }

    /// <summary>The largest share that rounding explains; null in results of older files.</summary>
    public float? AllowedShare { get; init; }

    /// <summary>Whether every cell was within rounding; where it wasn't, the sweep's numbers are not to be trusted.</summary>
    public bool IsWithinRounding => LargestShare is not { } share || share <= AllowedShare;

    /// <summary>How many cells are compared by default when the dtype is narrower than float32.</summary>
    internal const int WhenNarrow = 3;

    /// <summary>How many cells are compared in one pass through the layers at most: each has its logits in memory.</summary>
    internal const int MostTogether = 64;

    /// <summary>How far a logit may be off, as a share of the logits' spread: rounding, and no more.</summary>
    /// <remarks>
    /// A logit is a sum whose terms grow with the logits, and so does what rounding them does to it: a bound in logits would be far too wide for one model
    /// and too narrow for the next. Measured on SmolLM2 (three pairs) and the mini model, 40 to 99 cells a sweep: at most 6.2e-3 of the spread in bfloat16,
    /// 6.6e-4 in float16, and 6.2e-7 in float32, where sums differ in their order alone. Eight times as much is allowed in the narrow dtypes; in float32
    /// eighty times, for models with more layers: a wrong cell is off by far more.
    /// </remarks>
    private static float Tolerance(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => 5e-5f,
        ScalarType.Float16 => 5e-3f,
        _ => 5e-2f,
    };

    /// <summary>Computes random cells of a grid the plain way, and compares.</summary>
    internal static Verification Of(
        LanguageModel model, SweepPlan plan, PlannedGrid grid, IReadOnlyList<Measurement> measurements, int count, int mostTogether, CancellationToken cancel)
    {
        var pair = grid.Request.Pair;
        var candidates = grid.Tasks.SelectMany(task => measurements[task].Measured.Select(cell => (Task: task, Cell: cell))).ToArray();
        new Random(grid.Request.Options.Seed).Shuffle(candidates);
        var chosen = candidates[..Math.Min(candidates.Length, count)];
        using var widened = model.Dtype == ScalarType.Float32 ? null : model.Widened();
        using var naive = new NaiveSweep(widened ?? model, plan.Lanes, [.. grid.Tasks.Select(task => plan.Tasks[task])], together: true);
        var (largest, share) = (0f, 0f);
        foreach (var part in chosen.Chunk(mostTogether))
        {
            using var scope = NewDisposeScope();
            var logits = naive.RunTogether([.. part.Select(cell => (plan.Tasks[cell.Task], cell.Cell))], cancel);
            foreach (var (index, (task, cell)) in part.Index())
            {
                var row = logits[index, 0].ToFloats();
                var spread = Math.Max(0, row.Max()) - Math.Min(0, row.Min());
                foreach (var (target, name) in new[] { (pair.CleanTarget, ValueNames.CleanTarget), (pair.CorruptTarget, ValueNames.CorruptTarget) })
                {
                    var deviation = Math.Abs(row[target.Id] - measurements[task].Values[name][cell]);
                    largest = Math.Max(largest, deviation);
                    if (deviation != 0) share = Math.Max(share, deviation / spread);
                }
            }
        }
        return new Verification(chosen.Length, largest) { LargestShare = share, AllowedShare = Tolerance(model.Dtype) };
    }

    /// <summary>One sentence: how many cells, and how far they were off.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Cells} cells computed once more by a full forward in float32: largest deviation {LargestDeviation:0.0e+0} logits")
        + (LargestShare is { } share && AllowedShare is { } allowed
            ? FormattableString.Invariant($", {share:0.0e+0} of the logits' spread{(IsWithinRounding ? "" : $", where {allowed:0.0e+0} is rounding: don't trust these numbers, run with the naive method and report this")}")
            : "");
}
