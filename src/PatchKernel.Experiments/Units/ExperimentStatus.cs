using PatchKernel.Text;

namespace PatchKernel;

/// <summary>How far a study is.</summary>
/// <param name="Units">Number of units.</param>
/// <param name="Done">How many are done.</param>
/// <param name="Claimed">Numbers, from 0, of those that a process is running.</param>
/// <param name="Missing">Numbers, from 0, of those that aren't done.</param>
public sealed partial record ExperimentStatus(int Units, int Done, IReadOnlyList<int> Claimed, IReadOnlyList<int> Missing)
{
    private const int MostListed = 20;

    /// <summary>Whether every unit is done.</summary>
    public bool IsComplete => Done == Units;

    /// <summary>The missing units, counted from 1 as progress does.</summary>
    internal string MissingText => string.Join(", ", Missing.Take(MostListed).Select(unit => unit + 1)) + (Missing.Count > MostListed ? " …" : "");

    /// <summary>One sentence.</summary>
    public override string ToString() => IsComplete ? (Units == 1 ? "the only unit is done" : FormattableString.Invariant($"all {Units} units are done"))
        : FormattableString.Invariant($"{Done} of {Excerpt.Count(Units, "unit")} done, {Claimed.Count} running");
}
