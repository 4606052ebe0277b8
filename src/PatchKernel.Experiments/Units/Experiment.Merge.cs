using PatchKernel.Units;

namespace PatchKernel;

/// <content>The tables of all units together.</content>
public static partial class Experiment
{
    /// <summary>The summary's name in a study's folder.</summary>
    internal const string SummaryName = "summary.csv";

    /// <summary>The names of the tables in a study's folder.</summary>
    /// <param name="csv">Whether CSV files are asked for.</param>
    internal static IReadOnlyList<string> TableNames(bool csv) => [.. UnitTables.ResultNames(csv), .. UnitTables.PairNames(csv), SummaryName];

    /// <summary>Writes the tables of a study whose units are all done: results, pairs and a summary.</summary>
    /// <param name="output">The study's folder.</param>
    /// <param name="csv">Whether <c>results.csv</c> and <c>pairs.csv</c> are written too.</param>
    /// <returns>What became of its pairs.</returns>
    /// <exception cref="PatchKernelException">A unit is missing, a file is broken, or can't be written; no table is written then.</exception>
    public static ExperimentOutcome Merge(string output, bool csv = false)
    {
        var folder = StudyFolder.Open(output);
        if (StatusOf(folder) is { IsComplete: false } status)
            throw new PatchKernelException($"No table was written: of {folder.Record.Units} units {status.Missing.Count} {(status.Missing.Count == 1 ? "is" : "are")} missing ({status.MissingText}); run the study again, which runs only those.");
        var outcome = ExperimentOutcome.Of(new UnitTables(folder).Merge(csv));
        folder.ClearUp();
        return outcome;
    }
}
