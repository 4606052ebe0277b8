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

    /// <summary>What became of the pairs; null until the tables are written.</summary>
    public ExperimentOutcome? Outcome { get; init; }

    /// <summary>Whether every unit is done.</summary>
    public bool IsComplete => Done == Units;

    /// <summary>The missing units, counted from 1 as progress does.</summary>
    internal string MissingText => string.Join(", ", Missing.Take(MostListed).Select(unit => unit + 1)) + (Missing.Count > MostListed ? " …" : "");

    /// <summary>A sentence, and a few on the pairs.</summary>
    public override string ToString() => !IsComplete ? FormattableString.Invariant($"{Done} of {Excerpt.Count(Units, "unit")} done, {Claimed.Count} running.")
        : FormattableString.Invariant($"{(Units == 1 ? "The only unit is" : $"All {Units} units are")} done.{(Outcome is null ? "" : $" {Outcome}")}");
}
