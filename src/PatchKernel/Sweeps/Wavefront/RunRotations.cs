using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>A layer's rotary embedding at every position of some runs: one table for all of them, or one for each length where frequencies depend on it.</summary>
internal sealed class RunRotations
{
    private readonly Rotation table;
    private readonly Dictionary<int, int> offsets = []; // by length; none where one table is for all

    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="lengths">The runs' tokens.</param>
    public RunRotations(LanguageModel model, int layer, IEnumerable<int> lengths)
    {
        if (model.Config.PositionsOf(layer).Rope is { DependsOnLength: true })
        {
            using var scope = NewDisposeScope();
            var next = 0;
            foreach (var length in lengths.Distinct()) (offsets[length], next) = (next, next + length);
            Rotation[] each = [.. offsets.Keys.Select(length => model.Rotation(layer, 0, length))];
            table = each[0] with { Cos = scope.MoveToOuter(cat([.. each.Select(part => part.Cos!)])), Sin = scope.MoveToOuter(cat([.. each.Select(part => part.Sin!)])) };
        }
        else table = model.Rotation(layer, 0, lengths.Max());
    }

    /// <summary>The rotation at every position of a run; views.</summary>
    /// <param name="length">The run's tokens.</param>
    public Rotation Of(int length) => table.Narrow(offsets.GetValueOrDefault(length), length);

    /// <summary>The rotation at some positions, one a row.</summary>
    /// <param name="positions">Positions of runs, and the runs' tokens.</param>
    /// <param name="device">The layer's device.</param>
    public Rotation At(IEnumerable<(int Pos, int Length)> positions, Device device)
    {
        if (table.Cos is null) return table;
        var index = tensor(positions.Select(at => offsets.Count == 0 ? at.Pos : (long)offsets[at.Length] + at.Pos).ToArray(), device: device);
        return table.Rows(values => values.index(index));
    }
}
