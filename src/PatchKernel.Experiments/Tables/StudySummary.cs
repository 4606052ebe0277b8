using Microsoft.Data.Analysis;
using PatchKernel.Tables;

namespace PatchKernel;

/// <summary>A study's results averaged over pairs: mean, standard error and a 95 % interval of every cell, for all pairs and for groups of them.</summary>
/// <remarks>
/// One pair is one observation. The interval is a percentile interval by bootstrap: 1,000 times as many pairs are drawn from the pairs, with replacement, and of the 1,000 means the
/// lowest and highest 2.5 % are left out (Efron 1979, "Bootstrap Methods: Another Look at the Jackknife"). The same table and seed give the same numbers on any machine.
/// </remarks>
public sealed partial class StudySummary
{
    private StudySummary(IReadOnlyList<SummaryRow> rows) => Rows = rows;

    /// <summary>The rows: all pairs first, then the groups.</summary>
    public IReadOnlyList<SummaryRow> Rows { get; }

    /// <summary>Averages results over pairs.</summary>
    /// <param name="results">The results; read once.</param>
    /// <param name="pairs">The pairs, whose further columns group them: each column with 2 to 20 different values, and fewer than pairs. Null for no groups.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    /// <param name="cancel">Stops it.</param>
    public static StudySummary Of(ResultTable results, PairTable? pairs = null, int seed = 0, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        var cells = new SummaryCells();
        foreach (var row in results.Rows)
        {
            cancel.ThrowIfCancellationRequested();
            cells.Add(row);
        }
        var averages = SummaryGroup.Of(cells.Pairs, pairs?.Rows ?? []).SelectMany(group => cells.All.Select(cell => cell.Average(group))).OfType<CellAverage>().ToArray();
        var intervals = Bootstrap.Intervals([.. averages.Select(average => average.Scores)], seed, cancel);
        return new([.. averages.Zip(intervals, (average, interval) => average.ToRow(interval))]);
    }

    /// <summary>Reads a summary, CSV or Parquet by what is in the file.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or isn't a summary.</exception>
    public static StudySummary Load(string path) => new([.. TableReader.Read(path, SummaryColumns.Kind, SummaryColumns.Needed, SummaryColumns.Read)]);

    /// <summary>Writes the summary, CSV or Parquet by the file's extension.</summary>
    /// <exception cref="PatchKernelException">The extension is another one, or the path can't be written.</exception>
    public void Save(string path) => TableFile.Write(path, SummaryColumns.All, [Rows]);

    /// <summary>The summary as a data frame.</summary>
    public DataFrame ToDataFrame() => Frames.Of(SummaryColumns.All, Rows);

    /// <summary>How many cells and pairs were averaged.</summary>
    public override string ToString()
    {
        var all = Rows.Where(row => row.By is null).ToList();
        var by = Rows.Select(row => row.By).OfType<string>().Distinct().ToList();
        return FormattableString.Invariant($"Summary of {all.Count:N0} cells over up to {all.Select(row => row.Pairs).DefaultIfEmpty().Max():N0} pairs")
            + (by.Count == 0 ? "" : $", also by {string.Join(", ", by)}");
    }
}
