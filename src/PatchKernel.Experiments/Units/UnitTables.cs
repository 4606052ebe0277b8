using PatchKernel.Tables;

namespace PatchKernel.Units;

/// <summary>The units' tables, and those of all units together.</summary>
/// <param name="folder">The study's folder.</param>
internal sealed class UnitTables(StudyFolder folder)
{
    /// <summary>The table of pairs.</summary>
    public const string PairsName = "pairs.parquet";

    private const string ResultsName = "results.parquet";

    // The column stands only in tables of studies that need it.
    private readonly bool windows = folder.Record.Study["windows"]!.AsArray().Any(window => (int)window! != 1);

    /// <summary>The files of the results.</summary>
    public static IReadOnlyList<string> ResultNames(bool csv) => csv ? [ResultsName, "results.csv"] : [ResultsName];

    /// <summary>The files of the pairs.</summary>
    public static IReadOnlyList<string> PairNames(bool csv) => csv ? [PairsName, "pairs.csv"] : [PairsName];

    /// <summary>Publishes a unit's rows: its pairs, and then the results, which say that it is done.</summary>
    public void Write(int unit, UnitRows rows)
    {
        PairTable.Of(rows.Pairs).Save(folder.Pairs(unit));
        TableFile.Write(folder.Results(unit), ResultColumns.Of(windows), [rows.Results]);
    }

    /// <summary>Writes all units' tables as one, a unit at a time, and the summary.</summary>
    /// <returns>All pairs.</returns>
    public PairTable Merge(bool csv)
    {
        int[] units = [.. Enumerable.Range(0, folder.Record.Units)];
        PairTable[] each = [.. units.Select(unit => Whole(folder.Pairs(unit), PairTable.Load))];
        var columns = PairColumns.Of([.. each.SelectMany(pairs => pairs.Columns).Distinct()], [.. each.SelectMany(pairs => pairs.Values).Distinct()]);
        foreach (var name in PairNames(csv)) TableFile.Write(folder.Place(name), columns, each.Select(pairs => pairs.Rows));
        foreach (var name in ResultNames(csv))
            TableFile.Write(folder.Place(name), ResultColumns.Of(windows), units.Select(unit => Whole(folder.Results(unit), file => (IReadOnlyList<ResultRow>)[.. ResultTable.Load(file).Rows])));
        var all = PairTable.Load(folder.Place(PairsName));
        StudySummary.Of(ResultTable.Load(folder.Place(ResultsName)), all, (int)folder.Record.Study["seed"]!).Save(folder.Place(Experiment.SummaryName));
        return all;
    }

    /// <summary>Reads a unit's file; one that was damaged since it was written is told how to be mended.</summary>
    private static T Whole<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (PatchKernelException e)
        {
            throw new PatchKernelException($"{e.Message.TrimEnd('.')}; delete this file and run the study again, which does that unit anew.", e);
        }
    }
}
