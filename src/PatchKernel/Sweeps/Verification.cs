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

    /// <summary>How many cells are compared where nobody says, and the dtype is narrower than float32.</summary>
    internal const int WhenNarrow = 3;

    /// <summary>How many cells are compared in one pass through the layers at most: each has its logits in memory.</summary>
    internal const int MostTogether = 64;

    /// <summary>How far a logit may be off, as a share of the logits' spread: rounding, and no more.</summary>
    /// <remarks>
    /// A logit is a sum whose terms grow with the logits, and so does what rounding them does to it: a bound in logits would be far too wide for one model
    /// and too narrow for the next. The shares are some dozen of a dtype's steps (2⁻²⁴, 2⁻¹¹, 2⁻⁸ of a number), which is what layer upon layer of rounded
    /// products came to on real and random models; float32, whose sums differ in their order alone, has a wider margin, still far from any effect.
    /// </remarks>
    private static float Tolerance(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => 5e-5f,
        ScalarType.Float16 => 1e-2f,
        _ => 5e-2f,
    };

    /// <summary>Computes random cells of a grid the plain way, and compares.</summary>
    internal static Verification Of(
        Llama model, SweepPlan plan, SweepPlan.Grid grid, IReadOnlyList<Measurement> measurements, int count, int mostTogether, CancellationToken cancel)
    {
        var pair = grid.Request.Pair;
        var candidates = grid.Tasks.SelectMany(task => measurements[task].Measured.Select(cell => (Task: task, Cell: cell))).ToArray();
        new Random(grid.Request.Options.Seed).Shuffle(candidates);
        var chosen = candidates[..Math.Min(candidates.Length, count)];
        using var widened = model.Dtype == ScalarType.Float32 ? null : model.Widened();
        using var naive = new NaiveSweep(widened ?? model, plan.Lanes, [.. grid.Tasks.Select(task => plan.Tasks[task])]);
        var (largest, share) = (0f, 0f);
        foreach (var part in chosen.Chunk(mostTogether))
        {
            using var scope = NewDisposeScope();
            var logits = naive.RunTogether([.. part.Select(cell => (plan.Tasks[cell.Task], cell.Cell))], cancel);
            foreach (var (index, (task, cell)) in part.Index())
            {
                var row = logits[index].ToFloats();
                var spread = Math.Max(0, row.Max()) - Math.Min(0, row.Min());
                foreach (var (target, measure) in new[] { (pair.CleanTarget, Measure.CleanTarget), (pair.CorruptTarget, Measure.CorruptTarget) })
                {
                    var deviation = Math.Abs(row[target.Id] - measurements[task].Values[measure.Name][cell]);
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
