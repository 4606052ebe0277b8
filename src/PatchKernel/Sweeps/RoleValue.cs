using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>The base run's own value with other values at a role's positions.</summary>
/// <param name="Inner">What has them in the base run's shape; null for those of <paramref name="Sources"/>.</param>
/// <param name="Sources">Runs, each with its positions for the role; several are averaged.</param>
/// <param name="Positions">The role's positions in the base run.</param>
/// <param name="IsMean">Whether each gets the mean over a source's positions, not its own counterpart.</param>
/// <param name="IsAtEnd">Whether the last position gets nothing but the sources' last.</param>
/// <param name="Axis">The axis of positions.</param>
internal sealed record RoleValue(
    PatchValue? Inner, IReadOnlyList<(int Lane, IReadOnlyList<int> Positions)> Sources, IReadOnlyList<int> Positions, bool IsMean, bool IsAtEnd, int Axis) : PatchValue
{
    public override IReadOnlyList<int> Targets => Positions;

    public override int? SourceRun => Inner is null && Sources is [var only] ? only.Lane : null;

    public override bool ReadsEveryPosition => Inner?.ReadsEveryPosition ?? !IsAtEnd;

    public override int First(int baseLane, IReadOnlyList<Lane> lanes) => Positions.Min();

    public override Tensor Of(PlacedValue baseRun, Func<int, PlacedValue> lane)
    {
        using var scope = NewDisposeScope();
        var value = baseRun.Value.clone();
        // Where a layer doesn't compute the first positions, nothing that is read depends on them.
        int[] there = [.. Enumerable.Range(0, Positions.Count).Where(i => Positions[i] >= baseRun.First)];
        if (there.Length > 0) value.index_copy_(Axis, Index(value, there.Select(i => Positions[i] - baseRun.First)), Put(there, baseRun, lane));
        return scope.MoveToOuter(value);
    }

    /// <summary>What stands at some of the role's positions.</summary>
    private Tensor Put(int[] there, PlacedValue baseRun, Func<int, PlacedValue> lane)
    {
        if (Inner is not null) return Taken(Inner.Of(baseRun, lane), there.Select(i => Positions[i] - baseRun.First));
        Tensor[] each = [.. Sources.Select(source => FromRun(source.Positions, there, lane(source.Lane)))];
        return each.Length == 1 ? each[0] : stack(each).mean([0]);
    }

    private Tensor FromRun(IReadOnlyList<int> positions, int[] there, PlacedValue run)
    {
        if (!IsMean) return Taken(run.Value, there.Select(i => positions[i] - run.First));
        var mean = Taken(run.Value, positions.Select(pos => pos - run.First)).mean([Axis], keepdim: true);
        return cat([.. Enumerable.Repeat(mean, there.Length)], Axis);
    }

    private Tensor Taken(Tensor value, IEnumerable<int> at) => value.index_select(Axis, Index(value, at));

    private static Tensor Index(Tensor beside, IEnumerable<int> at) => tensor([.. at.Select(pos => (long)pos)], device: beside.device);
}
