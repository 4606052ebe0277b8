using PatchKernel.Costs;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>What one of a study's models would run.</summary>
/// <param name="Name">The model.</param>
/// <param name="Cells">Patched runs.</param>
/// <param name="Rows">Rows of the table of results.</param>
/// <param name="Memory">Bytes that a process takes at most.</param>
/// <param name="Flop">Floating-point operations of matrix products, two a multiply-add, about.</param>
/// <param name="Residency">Where the weights would be on this machine.</param>
public sealed record ModelPlan(string Name, long Cells, long Rows, long Memory, double Flop, string Residency)
{
    /// <summary>One line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Name}: {Cells:N0} patched runs, {Rows:N0} rows, up to {ByteCount.Text(Memory)} of memory ({(Residency == "streamed" ? "weights streamed from disk" : "weights in memory")}), about {FlopCount.Text(Flop)}");
}
