using PatchKernel.Sweeps;
using PatchKernel.Text;

namespace PatchKernel.Cli;

/// <summary>What has to be known of a study's pairs before its averages are read.</summary>
internal static class PairNotes
{
    /// <summary>Says how many pairs were left out and why, and how many weigh too much or the wrong way.</summary>
    /// <param name="terminal">Gets the notes.</param>
    /// <param name="folder">A study's folder whose tables are written.</param>
    public static void Say(Terminal terminal, string folder)
    {
        var rows = PairTable.Load(Path.Combine(folder, Experiment.PairsName)).Rows;
        PairRow[] left = [.. rows.Where(row => row.LeftOut is not null)], kept = [.. rows.Where(row => row.LeftOut is null)];
        if (left.Length > 0)
        {
            var reasons = left.GroupBy(row => row.LeftOut!.Split(':')[0]).Select(same => $"{same.Key}: {same.Count()}");
            terminal.Prose($"{left.Length} of {Excerpt.Count(rows.Count, "pair")} left out ({string.Join("; ", reasons)}).");
        }
        if (kept.Length == 0) terminal.Warning("No pair is left, so the table of results is empty.");
        foreach (var metric in Metric.All)
            if (kept.Count(row => IsDoubtful(row, metric)) is > 0 and var count)
                terminal.Warning($"{count} of {Excerpt.Count(kept.Length, "pair")} {(count == 1 ? "has" : "have")} a gap under {RunFindings.SmallGap} or of the wrong sign by {metric.Name}; scores divide by it, so averages may hang on a few. "
                    + $"The column gap_{metric.Name} of {Experiment.PairsName} has the gaps.");
    }

    private static bool IsDoubtful(PairRow row, Metric metric) => row.Values.TryGetValue(metric.Name, out var value)
        && metric.HasGap(value.Clean, value.Corrupt) && (RunFindings.IsSmall(metric, value.Clean - value.Corrupt) || RunFindings.IsWrongWay(metric, value.Clean - value.Corrupt));
}
