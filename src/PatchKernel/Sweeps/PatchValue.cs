using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>What a sweep puts in the place of an activation.</summary>
internal abstract record PatchValue
{
    /// <summary>The value to put in, of the base run's shape.</summary>
    /// <param name="baseRun">The base run's own value.</param>
    /// <param name="lane">A lane's value of the same activation.</param>
    /// <returns>Owned by the caller's dispose scope, or a lane's own.</returns>
    public abstract Tensor Of(PlacedValue baseRun, Func<int, PlacedValue> lane);

    /// <summary>The first position at which the value may differ from the base run's.</summary>
    public virtual int First(int baseLane, IReadOnlyList<Lane> lanes) => 0;

    /// <summary>The positions that a cell patches; null where the cell says which, or means all.</summary>
    public virtual IReadOnlyList<int>? Targets => null;

    /// <summary>The run that the value is of; null where it is of none, or of several.</summary>
    public virtual int? SourceRun => null;

    /// <summary>Whether the value at a run's last position depends on other positions of a source run.</summary>
    public virtual bool ReadsEveryPosition => false;

    /// <summary>Another run's value.</summary>
    public sealed record FromLane(int Source) : PatchValue
    {
        public override int? SourceRun => Source;

        public override Tensor Of(PlacedValue baseRun, Func<int, PlacedValue> lane) => lane(Source).Value;

        public override int First(int baseLane, IReadOnlyList<Lane> lanes) => Lane.FirstDifference(lanes[baseLane], lanes[Source]);
    }

    /// <summary>Zeros.</summary>
    public sealed record Zero : PatchValue
    {
        public override Tensor Of(PlacedValue baseRun, Func<int, PlacedValue> lane) => zeros_like(baseRun.Value);
    }

    /// <summary>The mean over some runs, at each position by itself or over all positions too.</summary>
    public sealed record Mean(IReadOnlyList<int> Lanes, bool EachPosition) : PatchValue
    {
        public override bool ReadsEveryPosition => !EachPosition;

        public override Tensor Of(PlacedValue baseRun, Func<int, PlacedValue> lane)
        {
            using var scope = NewDisposeScope();
            Tensor[] values = [.. Lanes.Select(source => lane(source).Value)];
            return scope.MoveToOuter(EachPosition ? stack(values).mean([0]) : cat(values).mean([0], keepdim: true).expand_as(baseRun.Value));
        }
    }
}

/// <summary>A run's activation, as far as a layer computes it.</summary>
/// <param name="Value">[pos, …], or of a pattern [head, query_pos, key_pos].</param>
/// <param name="First">The position of its first row.</param>
internal readonly record struct PlacedValue(Tensor Value, int First);
