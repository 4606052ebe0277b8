using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Metrics;

/// <summary>What one sweep's cells measure; a cell that no row reached has what the base run has.</summary>
internal sealed class Measurement
{
    private readonly UnpatchedRuns runs;
    private readonly IReadOnlyList<Metric> metrics;
    private readonly Dictionary<string, float[]> values;
    private readonly float[][]? kept;
    private readonly bool[] measured;
    private readonly Dictionary<string, float> unpatched;

    /// <param name="asked">The metrics.</param>
    /// <param name="keeps">Whether logits are kept.</param>
    /// <param name="runs">The pair's unpatched runs.</param>
    /// <param name="cells">Number of the grid's cells.</param>
    /// <param name="baseRun">The base run's logits, flat, [positions · d_vocab].</param>
    /// <param name="positions">How many positions are read; one, but for whole answers.</param>
    public Measurement(IReadOnlyList<Metric> asked, bool keeps, UnpatchedRuns runs, int cells, float[] baseRun, int positions = 1)
    {
        this.runs = runs;
        metrics = [.. Metric.Targets, .. asked];
        values = metrics.ToDictionary(metric => metric.Name, _ => new float[cells]);
        kept = keeps ? new float[cells][] : null;
        measured = new bool[cells];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Read([.. Enumerable.Range(0, cells)], tensor(baseRun).view(1, positions, -1));
        Array.Clear(measured);
        unpatched = values.ToDictionary(metric => metric.Key, metric => metric.Value[0]);
    }

    /// <summary>Each metric's name and its number in each cell, and both targets' logits.</summary>
    public IReadOnlyDictionary<string, float[]> Values => values;

    /// <summary>Each cell's logits at the prompt's last position, where they are kept.</summary>
    public float[][]? Kept => kept;

    /// <summary>The cells that a row reached.</summary>
    public int[] Measured => [.. Enumerable.Range(0, measured.Length).Where(cell => measured[cell])];

    /// <summary>Each metric's name, and the function from logits, [cells, positions, d_vocab], to its numbers.</summary>
    public IReadOnlyList<(string Name, Func<Tensor, Tensor> Of)> Functions =>
        [.. metrics.Select(metric => (metric.Name, (Func<Tensor, Tensor>)(logits => metric.Of(new MetricInput(logits, runs)))))];

    /// <summary>Adds estimated changes to what the base run has.</summary>
    /// <param name="changes">For each of <see cref="Functions"/> its change in each cell.</param>
    public void Add(IReadOnlyList<double[]> changes)
    {
        foreach (var (metric, change) in metrics.Zip(changes))
            for (var cell = 0; cell < change.Length; cell++) values[metric.Name][cell] = (float)(values[metric.Name][cell] + change[cell]);
    }

    /// <summary>What each cell has by a metric, less what the base run has.</summary>
    public float[] ChangesOf(Metric metric) => [.. values[metric.Name].Select(value => value - unpatched[metric.Name])];

    /// <summary>Measures cells.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="logits">Their logits, [cells, positions, d_vocab], or one row for all of them.</param>
    public void Read(IReadOnlyList<int> cells, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var input = new MetricInput(logits, runs);
        var one = logits.shape[0] == 1;
        foreach (var metric in metrics)
        {
            var numbers = metric.Of(input).ToFloats();
            for (var i = 0; i < cells.Count; i++) values[metric.Name][cells[i]] = numbers[one ? 0 : i];
        }
        if (kept is not null)
        {
            var rows = input.Logits.ToFloats().Chunk((int)logits.shape[2]).ToArray();
            for (var i = 0; i < cells.Count; i++) kept[cells[i]] = rows[one ? 0 : i];
        }
        foreach (var cell in cells) measured[cell] = true;
    }
}
