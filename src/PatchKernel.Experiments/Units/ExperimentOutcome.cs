using PatchKernel.Sweeps;
using PatchKernel.Tables;
using PatchKernel.Text;
using PatchKernel.Units;

namespace PatchKernel;

/// <summary>What became of a study's pairs, once its tables are written.</summary>
/// <param name="Pairs">Pairs, each counted for every model.</param>
/// <param name="LeftOut">How many have no results, by reason up to its colon.</param>
/// <param name="LacksControls">How many have results without a control, by the control's name: no other pair suits, or no position is free.</param>
/// <param name="DoubtfulGaps">How many have a small gap or one of the wrong sign, by metric: scores divide by it, so an average may hang on a few of them.</param>
public sealed record ExperimentOutcome(
    int Pairs, IReadOnlyDictionary<string, int> LeftOut, IReadOnlyDictionary<string, int> LacksControls, IReadOnlyDictionary<string, int> DoubtfulGaps)
{
    private const int ShownReasons = 3;

    /// <summary>Pairs that have results.</summary>
    public int Swept => Pairs - LeftOut.Values.Sum();

    internal static ExperimentOutcome Of(PairTable pairs) => new(
        pairs.Rows.Count,
        Counted(pairs.Rows.Select(row => row.LeftOut?.Split(':')[0]).OfType<string>()),
        Counted(pairs.Rows.Where(row => row.LeftOut is null).SelectMany(row => row.LacksControls?.Split(", ") ?? [])),
        Counted(pairs.Rows.Where(row => row.LeftOut is null).SelectMany(row => Metric.All.Where(metric => IsDoubtful(row, metric)).Select(metric => metric.Name))));

    /// <summary>A sentence, and one on each reason and control.</summary>
    public override string ToString() => string.Join(' ',
    [
        $"{Results()}{(LeftOut.Count == 0 ? "" : $"; left out: {Reasons()}")}.",
        .. LacksControls.Select(control => $"Without the control {control.Key}: {Excerpt.Count(control.Value, "pair")}, since {(control.Key == ControlNames.ShuffledSource ? "no other pair has the same shape and another answer" : "no position is free of roles")}."),
        .. DoubtfulGaps.Select(metric => $"By {metric.Key} {Excerpt.Count(metric.Value, "pair")} {(metric.Value == 1 ? "has" : "have")} a gap under {RunFindings.SmallGap} or of the wrong sign, and averages of scores, which divide by it, may hang on {(metric.Value == 1 ? "it" : "them")}; see gap_{metric.Key} in {UnitTables.PairsName}."),
    ]);

    private string Results() => (Swept, LeftOut.Count) switch
    {
        (0, _) => "No pair has results, and the tables are empty",
        (1, 0) => "The one pair has results",
        (_, 0) => $"All {Pairs} pairs have results",
        _ => $"{Swept} of {Pairs} pairs have results",
    };

    private string Reasons() => string.Join(", ", LeftOut.Take(ShownReasons).Select(reason => $"{reason.Key.TrimEnd('.')} ({reason.Value})"))
        + (LeftOut.Count > ShownReasons ? $" and others ({LeftOut.Values.Skip(ShownReasons).Sum()}), see {UnitTables.PairsName}" : "");

    private static bool IsDoubtful(PairRow row, Metric metric) => row.Values.TryGetValue(metric.Name, out var value)
        && metric.HasGap(value.Clean, value.Corrupt) && (RunFindings.IsSmall(metric, value.Clean - value.Corrupt) || RunFindings.IsWrongWay(metric, value.Clean - value.Corrupt));

    private static Dictionary<string, int> Counted(IEnumerable<string> texts) => texts.CountBy(text => text).OrderByDescending(count => count.Value).ToDictionary();
}
