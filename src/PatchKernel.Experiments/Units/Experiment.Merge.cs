using PatchKernel.Units;

namespace PatchKernel;

/// <content>The tables of all units together.</content>
public static partial class Experiment
{
    /// <summary>The summary's name in a study's folder.</summary>
    internal const string SummaryName = "summary.csv";

    /// <summary>The name of the table of pairs.</summary>
    internal const string PairsName = "pairs.parquet";

    /// <summary>Writes the tables of a study whose units are all done: results, pairs and a summary.</summary>
    /// <param name="output">The study's folder.</param>
    /// <param name="csv">Whether <c>results.csv</c> is written beside <c>results.parquet</c>.</param>
    /// <exception cref="PatchKernelException">A unit is missing, a file is broken, or can't be written; no table is written then.</exception>
    public static void Merge(string output, bool csv = false)
    {
        var folder = StudyFolder.Open(output);
        if (folder.Missing is { Count: > 0 } missing)
            throw new PatchKernelException($"{missing.Count} of {folder.Record.Units} units are missing, {Listed(missing)}: run the study again, which does them alone; no table was written.");
        new UnitTables(folder).Merge(csv);
        folder.ClearUp();
    }

    private static string Listed(IReadOnlyList<int> units)
    {
        const int most = 20;
        return string.Join(", ", units.Take(most)) + (units.Count > most ? " …" : "");
    }
}
