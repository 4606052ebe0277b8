using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>One layer as a site sees it: the base run's activations, and those to put in.</summary>
/// <param name="Config">The model's shape.</param>
/// <param name="Block">The layer's block.</param>
/// <param name="Task">The sweep.</param>
/// <param name="Lanes">Every lane's activations in this layer, as far as they are computed.</param>
/// <param name="Rotation">The rotary embedding at the base run's positions.</param>
/// <param name="First">The first position at which a patch may change something.</param>
/// <param name="Wants">Whether a cell, counted within the layer, is in the current group; a site may skip the others.</param>
internal sealed record LayerView(
    ModelConfig Config, Block Block, SweepTask Task, LaneActivations[] Lanes, Rotation Rotation, int First, Func<int, bool> Wants)
{
    private LaneActivations BaseRun => Lanes[Task.Base];

    /// <summary>Number of the prompt's positions: those that may be patched.</summary>
    public int Prompt => BaseRun.Prompt;

    /// <summary>The position behind the last one at which a patch may change something.</summary>
    public int End => Task.Value.Targets is { } targets ? targets.Max() + 1 : Prompt;

    /// <summary>The first position that the layer computes queries for: the last one, in the last layer.</summary>
    public int QueryStart => BaseRun.QueryStart;

    /// <summary>The base run's activation from a position on, [pos, …], or of a pattern [head, query_pos, key_pos].</summary>
    public Tensor Base(Activation activation, int from) => From(activation, BaseRun[activation], from);

    /// <summary>What is put in, from a position on; axes as those of <see cref="Base"/>.</summary>
    public Tensor Source(Activation activation, int from) =>
        From(activation, Task.Value.Of(BaseRun.Placed(activation), lane => Lanes[lane].Placed(activation)), from);

    /// <summary>The base run's keys or values with some positions from the source, [pos, …].</summary>
    public Tensor Replaced(Activation activation, int from, int count)
    {
        using var scope = NewDisposeScope();
        var value = Base(activation, 0).clone();
        value.narrow(0, from, count).copy_(Source(activation, from).narrow(0, 0, count));
        return scope.MoveToOuter(value);
    }

    /// <summary>z of queries at the positions from <paramref name="from"/> on over keys and values at every position.</summary>
    /// <param name="q">As the projection gives them, [queries, n_heads, d_head].</param>
    /// <param name="k">As the projection gives them, [pos, n_kv_heads, d_head].</param>
    /// <param name="v">[pos, n_kv_heads, d_head].</param>
    /// <param name="from">The first query's position.</param>
    /// <returns>[queries, n_heads, d_head].</returns>
    public Tensor Attend(Tensor q, Tensor k, Tensor v, int from)
    {
        using var scope = NewDisposeScope();
        var attention = Block.Attention;
        var (turnedQ, turnedK) = (attention.ReadyQueries(q, Rotation.Narrow(from, q.shape[0])), attention.ReadyKeys(k, Rotation));
        return scope.MoveToOuter(attention.Mix(turnedQ.unsqueeze(0), turnedK.unsqueeze(0), v.unsqueeze(0))[0]);
    }

    /// <summary>z for each head patched by itself.</summary>
    /// <param name="unpatched">The base run's queries or keys, [pos, heads, d_head].</param>
    /// <param name="patched">The same with every head patched, of several runs perhaps, [.., pos, heads, d_head].</param>
    /// <param name="attend">From one or the other to z, [.., queries, n_heads, d_head].</param>
    /// <returns>
    /// [.., queries, n_heads, d_head], in which a head's part is its own; where all heads are normed together and so change each other, with an axis of heads
    /// in front.
    /// </returns>
    public Tensor OfEachHead(Tensor unpatched, Tensor patched, Func<Tensor, Tensor> attend)
    {
        if (Config.Parts.QueryKeyNorm != QueryKeyNorm.AllHeads) return attend(patched);
        using var scope = NewDisposeScope();
        var (others, heads) = (unpatched.expand_as(patched), (int)patched.shape[^2]);
        return scope.MoveToOuter(stack([.. Enumerable.Range(0, heads).Select(head => attend(cat(
            [others.narrow(-2, 0, head), patched.narrow(-2, head, 1), others.narrow(-2, head + 1, heads - head - 1)], -2)))]));
    }

    /// <summary>The stream when z is another, before the MLP adds to it, or in parallel after that; for each head by itself.</summary>
    /// <param name="heads">How many there are: query heads, or key/value heads, each with those that read it.</param>
    /// <param name="z">As <see cref="OfEachHead"/> gives it, or of any other patch.</param>
    /// <param name="first">Its first position.</param>
    /// <param name="apart">Whether in <paramref name="z"/> a head's part is its own; else it has an axis of heads in front.</param>
    /// <returns>[heads, .., positions, d_model].</returns>
    public Tensor StreamOfEachHead(int heads, Tensor z, int first, bool apart)
    {
        using var scope = NewDisposeScope();
        var (attention, unpatched) = (Block.Attention, Base(Activation.Z, first));
        var change = z - unpatched;
        var each = apart
            ? attention.OutputOfEach(change.reshape(-1, heads, change.shape[^2] / heads * change.shape[^1])).view([heads, .. change.shape[..^2], Config.DModel])
            : attention.OutputOfChange(change);
        return scope.MoveToOuter(attention.HasNormBehind
            ? WithAttention(attention.Changed(unpatched, each), first)
            : WithAttention(Base(Activation.AttnOut, first), first).Plus(each));
    }

    /// <summary>The base run's stream before the MLP adds to it, from a position on, [pos, d_model].</summary>
    public Tensor BeforeMlp(int from) =>
        Config.Parts.Parallel ? Base(Activation.ResidPre, from).Plus(Base(Activation.AttnOut, from)) : Base(Activation.ResidMid, from);

    /// <summary>The stream at which rows join whose attention adds something else, from a position on.</summary>
    /// <param name="attnOut">What it adds, [.., pos, d_model].</param>
    /// <param name="from">The first position.</param>
    public Tensor WithAttention(Tensor attnOut, int from)
    {
        using var scope = NewDisposeScope();
        var stream = Base(Activation.ResidPre, from).Plus(attnOut);
        return scope.MoveToOuter(Config.Parts.Parallel ? stream.Plus(Base(Activation.MlpOut, from)) : stream); // in parallel the MLP adds what it added
    }

    private Tensor From(Activation activation, Tensor value, int from)
    {
        var axis = activation == Activation.Pattern ? 1 : 0;
        var start = from - BaseRun.Offset(activation);
        return value.narrow(axis, start, value.shape[axis] - start);
    }
}
