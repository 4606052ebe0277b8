using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>What a sweep puts in the place of an activation.</summary>
internal abstract record PatchValue
{
    /// <summary>The value to put in, of the base run's shape.</summary>
    /// <param name="baseRun">The base run's own value, [pos, …] or, of a pattern, [head, query_pos, key_pos].</param>
    /// <param name="lane">A lane's value of the same activation.</param>
    /// <returns>Owned by the caller's dispose scope, or a lane's own.</returns>
    public abstract Tensor Of(Tensor baseRun, Func<int, Tensor> lane);

    /// <summary>The first position at which the value may differ from the base run's.</summary>
    public virtual int First(int baseLane, IReadOnlyList<Lane> lanes) => 0;

    /// <summary>Whether the value at one position depends on every position of a source run.</summary>
    public virtual bool ReadsEveryPosition => false;

    /// <summary>Another run's value.</summary>
    public sealed record FromLane(int Source) : PatchValue
    {
        public override Tensor Of(Tensor baseRun, Func<int, Tensor> lane) => lane(Source);

        public override int First(int baseLane, IReadOnlyList<Lane> lanes) => Lane.FirstDifference(lanes[baseLane], lanes[Source]);
    }

    /// <summary>Zeros.</summary>
    public sealed record Zero : PatchValue
    {
        public override Tensor Of(Tensor baseRun, Func<int, Tensor> lane) => zeros_like(baseRun);
    }

    /// <summary>The mean over some runs, at each position by itself or over all positions too.</summary>
    public sealed record Mean(IReadOnlyList<int> Lanes, bool EachPosition) : PatchValue
    {
        public override bool ReadsEveryPosition => !EachPosition;

        public override Tensor Of(Tensor baseRun, Func<int, Tensor> lane)
        {
            using var scope = NewDisposeScope();
            if (EachPosition) return scope.MoveToOuter(stack([.. Lanes.Select(lane)]).mean([0]));
            return scope.MoveToOuter(cat([.. Lanes.Select(lane)]).mean([0], keepdim: true).expand_as(baseRun));
        }
    }
}
