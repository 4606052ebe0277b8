using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>One layer: attention and an MLP, each reading the residual stream and adding to it. Works on packed rows.</summary>
internal sealed partial class Block
{
    private readonly PartList parts;
    private readonly Norm? attentionNorm, mlpNorm;

    /// <param name="config">The model's shape and parts.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="weights">Its weights.</param>
    public Block(ModelConfig config, int layer, LayerWeights weights)
    {
        parts = config.Parts;
        attentionNorm = weights.NormOf(config, Slot.AttentionNorm);
        mlpNorm = weights.NormOf(config, Slot.MlpNorm);
        (Attention, Mlp) = (new(config, layer, weights), new(config, weights));
    }

    /// <summary>Attention.</summary>
    public Attention Attention { get; }

    /// <summary>The MLP.</summary>
    public Mlp Mlp { get; }

    /// <summary>The block's whole equation.</summary>
    /// <param name="residPre">Stream entering the block, [rows, d_model]; the caller's to dispose.</param>
    /// <param name="rows">Sees resid_pre, q, k, v, pattern, z, attn_out, resid_mid (not in parallel), mlp_post, mlp_out and resid_post, in that order.</param>
    /// <returns>resid_post of the queried rows, [queried rows, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor Forward(Tensor residPre, IBlockRows rows)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(AddMlp(AddAttention(residPre, rows), rows));
    }

    /// <summary>Gradients with respect to the stream, of several with respect to what attention's norm makes of it.</summary>
    /// <param name="residPre">The stream, [pos, d_model].</param>
    /// <param name="slopes">[several, pos, d_model].</param>
    /// <returns>As <paramref name="slopes"/>; owned by the caller's dispose scope.</returns>
    public Tensor BeforeNorm(Tensor residPre, Tensor slopes) => attentionNorm?.Back(residPre, slopes) ?? slopes.alias();

    /// <summary>What queries, keys and values are made of, where attention reads some stream.</summary>
    /// <param name="stream">[.., d_model].</param>
    /// <returns>As <paramref name="stream"/>; owned by the caller's dispose scope.</returns>
    public Tensor AttentionReads(Tensor stream) => attentionNorm?.Forward(stream) ?? stream.alias();

    /// <summary>What the MLP adds, where it reads some stream; unwatched.</summary>
    /// <param name="stream">[rows, d_model].</param>
    /// <returns>As <paramref name="stream"/>; owned by the caller's dispose scope.</returns>
    public Tensor MlpOut(Tensor stream)
    {
        using var scope = NewDisposeScope();
        // In parallel with one norm the MLP reads what attention's norm makes of the stream.
        var norm = parts.OneNorm ? attentionNorm : mlpNorm;
        return scope.MoveToOuter(Mlp.Forward(norm?.Forward(stream) ?? stream, Unwatched.Rows));
    }

    /// <summary>Its first half.</summary>
    /// <returns>Of the queried rows; owned by the caller's dispose scope.</returns>
    public Halfway AddAttention(Tensor residPre, IBlockRows rows)
    {
        using var scope = NewDisposeScope();
        var resid = rows.Visit(Activation.ResidPre, residPre);
        var normed = attentionNorm?.Forward(resid) ?? resid;
        var q = rows.Visit(Activation.Q, Attention.Queries(rows.Queried(normed)));
        var k = rows.Visit(Activation.K, Attention.Keys(normed));
        var v = rows.Visit(Activation.V, Attention.Values(normed));
        var z = rows.Visit(Activation.Z, rows.Mix(Attention, q, k, v));
        var attnOut = rows.Visit(Activation.AttnOut, Attention.Output(z));
        var entering = rows.Queried(resid);
        var stream = entering.Plus(attnOut);
        if (!parts.Parallel) return Halfway.Of(scope.MoveToOuter(rows.Visit(Activation.ResidMid, stream)));
        var read = (parts.OneNorm ? rows.Queried(normed) : entering).alias(); // residPre itself is the caller's
        return new(scope.MoveToOuter(stream), scope.MoveToOuter(read));
    }

    /// <summary>Its second half.</summary>
    /// <returns>resid_post, [queried rows, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor AddMlp(Halfway halfway, IBlockRows rows)
    {
        using var scope = NewDisposeScope();
        var stream = rows.MlpReads(halfway.MlpReads);
        var read = mlpNorm?.Forward(stream) ?? stream;
        var mlpOut = rows.Visit(Activation.MlpOut, Mlp.Forward(read, rows));
        return scope.MoveToOuter(rows.Visit(Activation.ResidPost, halfway.Stream.Plus(mlpOut)));
    }
}

/// <summary>Rows of an MLP by itself that nobody watches.</summary>
internal sealed class Unwatched : IBlockRows
{
    private Unwatched()
    {
    }

    /// <summary>The only one.</summary>
    public static IBlockRows Rows { get; } = new Unwatched();

    public bool Wants(Activation activation) => false;

    public Tensor Visit(Activation activation, Tensor packed) => packed;

    public Tensor Queried(Tensor packed) => packed;

    public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v) => throw new NotSupportedException("An MLP has no attention.");
}

/// <summary>A block's rows after attention.</summary>
/// <param name="Stream">The stream with what attention has added, [rows, d_model].</param>
/// <param name="MlpReads">What the MLP reads: that stream, or in parallel the one that entered the block.</param>
internal readonly record struct Halfway(Tensor Stream, Tensor MlpReads)
{
    /// <summary>Where the MLP reads the stream.</summary>
    public static Halfway Of(Tensor stream) => new(stream, stream);
}
