using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What one sweep's cells measure; a cell that no row reached has what the base run has.</summary>
internal sealed class Measurement
{
    private readonly PromptPair pair;
    private readonly IReadOnlyList<Measure> measures;
    private readonly float[] cleanRun;
    private readonly Dictionary<string, float[]> values;
    private readonly float[][]? kept;
    private readonly bool[] measured;

    /// <param name="request">The grid.</param>
    /// <param name="cells">Number of its cells.</param>
    /// <param name="baseRun">The base run's logits, [d_vocab].</param>
    /// <param name="cleanRun">The clean run's logits, [d_vocab].</param>
    public Measurement(SweepRequest request, int cells, float[] baseRun, float[] cleanRun)
    {
        (pair, this.cleanRun) = (request.Pair, cleanRun);
        measures = [Measure.CleanTarget, Measure.CorruptTarget, .. request.Options.Measures];
        values = measures.ToDictionary(measure => measure.Name, _ => new float[cells]);
        kept = request.Options.KeepLogits ? new float[cells][] : null;
        measured = new bool[cells];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Read([.. Enumerable.Range(0, cells)], tensor(baseRun).unsqueeze(0));
        Array.Clear(measured);
    }

    /// <summary>Each measure's name and its number in each cell.</summary>
    public IReadOnlyDictionary<string, float[]> Values => values;

    /// <summary>Each cell's logits, where they are kept.</summary>
    public float[][]? Kept => kept;

    /// <summary>The cells that a row reached.</summary>
    public int[] Measured => [.. Enumerable.Range(0, measured.Length).Where(cell => measured[cell])];

    /// <summary>Measures cells.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="logits">Their logits, [cells, d_vocab], or one row for all of them.</param>
    public void Read(IReadOnlyList<int> cells, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var patched = new PatchedLogits(logits, cleanRun, pair);
        var one = logits.shape[0] == 1;
        foreach (var measure in measures)
        {
            var numbers = measure.Of(patched).ToFloats();
            for (var i = 0; i < cells.Count; i++) values[measure.Name][cells[i]] = numbers[one ? 0 : i];
        }
        if (kept is not null)
        {
            var rows = logits.ToFloats().Chunk((int)logits.shape[1]).ToArray();
            for (var i = 0; i < cells.Count; i++) kept[cells[i]] = rows[one ? 0 : i];
        }
        foreach (var cell in cells) measured[cell] = true;
    }
}
