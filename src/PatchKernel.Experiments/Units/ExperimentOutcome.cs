using PatchKernel.Text;
using PatchKernel.Units;

namespace PatchKernel;

/// <summary>What became of a study's pairs, once its tables are written.</summary>
/// <param name="Pairs">Pairs, each counted for every model.</param>
/// <param name="LeftOut">How many have no results, by reason.</param>
/// <param name="LacksControls">How many have results without a control, by the control's name: no other pair suits, or no position is free.</param>
public sealed record ExperimentOutcome(int Pairs, IReadOnlyDictionary<string, int> LeftOut, IReadOnlyDictionary<string, int> LacksControls)
{
    private const int ShownReasons = 3;

    /// <summary>Pairs that have results.</summary>
    public int Swept => Pairs - LeftOut.Values.Sum();

    internal static ExperimentOutcome Of(PairTable pairs) => new(
        pairs.Rows.Count,
        Counted(pairs.Rows.Select(row => row.LeftOut).OfType<string>()),
        Counted(pairs.Rows.Where(row => row.LeftOut is null).SelectMany(row => row.LacksControls?.Split(", ") ?? [])));

    /// <summary>A sentence, and one on each reason and control.</summary>
    public override string ToString() => string.Join(' ',
    [
        LeftOut.Count == 0 ? $"All {Excerpt.Count(Pairs, "pair")} have results." : $"{Swept} of {Excerpt.Count(Pairs, "pair")} have results.",
        .. LeftOut.Take(ShownReasons).Select(reason => $"Left out: {reason.Value}, {reason.Key.TrimEnd('.')}."),
        .. LeftOut.Count > ShownReasons ? [$"And {LeftOut.Values.Skip(ShownReasons).Sum()} more; the table of pairs says why."] : (string[])[],
        .. LacksControls.Select(control => $"Without the control {control.Key}: {Excerpt.Count(control.Value, "pair")}, since {(control.Key == StudyControls.ShuffledSource ? "no other pair has the same shape and another answer" : "no position is free of roles")}."),
    ]);

    private static Dictionary<string, int> Counted(IEnumerable<string> texts) => texts.CountBy(text => text).OrderByDescending(count => count.Value).ToDictionary();
}
