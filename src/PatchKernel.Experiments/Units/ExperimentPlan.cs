using PatchKernel.Text;

namespace PatchKernel;

/// <summary>What a study would run.</summary>
/// <param name="Pairs">Pairs that can be used.</param>
/// <param name="Skipped">Rows that are left out, and why.</param>
/// <param name="Warnings">What is odd about rows that stay.</param>
/// <param name="Units">Units, of all models.</param>
/// <param name="PairsPerUnit">Pairs in a unit.</param>
/// <param name="Models">Each model's part.</param>
public sealed partial record ExperimentPlan(int Pairs, IReadOnlyList<SkippedRow> Skipped, IReadOnlyList<RowFinding> Warnings, int Units, int PairsPerUnit, IReadOnlyList<ModelPlan> Models)
{
    /// <summary>The first pair's tokens at the roles; null where the study goes by positions.</summary>
    public string? Example { get; init; }

    /// <summary>A few lines.</summary>
    public override string ToString() => string.Join('\n',
    [
        FormattableString.Invariant($"{Excerpt.Count(Pairs, "pair")}{(Skipped.Count > 0 ? $", {Excerpt.Count(Skipped.Count, "row")} left out" : "")}, in {(Units == 1 ? "one unit" : FormattableString.Invariant($"{Units:N0} units of up to {PairsPerUnit}"))}"),
        .. Models.Select(model => model.ToString()),
        .. Example is null ? (string[])[] : [Example],
    ]);
}
