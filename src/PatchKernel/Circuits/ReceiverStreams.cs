using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What patched runs have in the layer of their receiver, which reads something else than the run that is patched.</summary>
/// <param name="layer">The layer.</param>
/// <param name="rotatedKeys">The patched run's keys as scores are made of them, [pos, n_kv_heads, d_head].</param>
internal sealed class ReceiverStreams(LayerView layer, Tensor rotatedKeys)
{
    private readonly ModelConfig config = layer.Config;
    private readonly int first = layer.First;
    private readonly int from = Math.Max(layer.First, layer.QueryStart);

    /// <summary>The first position that the runs have something else at.</summary>
    public int From => from;

    /// <summary>The first position at which it matters what a receiver reads.</summary>
    public int Reads(ReceiverKind kind) => kind is ReceiverKind.Key or ReceiverKind.Value ? first : from;

    /// <summary>How many receivers of a kind the layer has.</summary>
    public int Count(ReceiverKind kind) => kind switch
    {
        ReceiverKind.Query => config.NHeads,
        ReceiverKind.Key or ReceiverKind.Value => config.NKeyValueHeads,
        _ => 1,
    };

    /// <summary>The stream at the stage at which the rows of a kind join.</summary>
    /// <param name="kind">The kind of receiver.</param>
    /// <param name="added">What senders add to what it reads, [senders, positions, d_model], from <see cref="Reads"/> on.</param>
    /// <returns>[receivers of the kind, senders, positions, d_model], from <see cref="From"/> on; owned by the caller's dispose scope.</returns>
    public Tensor Of(ReceiverKind kind, Tensor added)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(kind switch
        {
            ReceiverKind.Query => OfQueries(added),
            ReceiverKind.Key => OfKeys(added),
            ReceiverKind.Value => OfValues(added),
            ReceiverKind.Mlp => OfMlp(added).unsqueeze(0),
            _ => layer.Base(Activation.ResidPost, from).Plus(added).unsqueeze(0),
        });
    }

    private Tensor OfQueries(Tensor added)
    {
        var q = layer.Block.Attention.Queries(Read(added, from));
        var z = layer.OfEachHead(layer.Base(Activation.Q, from), q, queries => Mix(Ready(queries), Keys(queries.shape[0]), Values(queries.shape[0])));
        return layer.StreamOfEachHead(config.NHeads, z, from, Apart);
    }

    private Tensor OfKeys(Tensor added)
    {
        var (k, attention) = (layer.Block.Attention.Keys(Read(added, first)), layer.Block.Attention);
        var z = layer.OfEachHead(layer.Base(Activation.K, first), k, keys =>
            Mix(Queries(keys.shape[0]), attention.ReadyKeys(keys, layer.Rotation.Narrow(first, keys.shape[1])), Values(keys.shape[0])));
        return layer.StreamOfEachHead(config.NKeyValueHeads, z, from, Apart);
    }

    private Tensor OfValues(Tensor added)
    {
        var v = layer.Block.Attention.Values(Read(added, first));
        return layer.StreamOfEachHead(config.NKeyValueHeads, Mix(Queries(v.shape[0]), Keys(v.shape[0]), v), from, apart: true);
    }

    private Tensor OfMlp(Tensor added)
    {
        var read = layer.Base(config.Parts.Parallel ? Activation.ResidPre : Activation.ResidMid, from).Plus(added);
        return layer.BeforeMlp(from).Plus(layer.Block.MlpOut(read.flatten(0, 1)).view(read.shape));
    }

    /// <summary>Where all heads are normed together, one head's patch changes the others.</summary>
    private bool Apart => config.Parts.QueryKeyNorm != QueryKeyNorm.AllHeads;

    private Tensor Read(Tensor added, int start) => layer.Block.AttentionReads(layer.Base(Activation.ResidPre, start).Plus(added));

    private Tensor Ready(Tensor q) => layer.Block.Attention.ReadyQueries(q, layer.Rotation.Narrow(from, q.shape[1]));

    // The patched run's own, for several runs.
    private Tensor Queries(long runs) => Ready(layer.Base(Activation.Q, from).unsqueeze(0)).expand(runs, -1, -1, -1);

    private Tensor Keys(long runs) => Late(rotatedKeys).expand(runs, -1, -1, -1);

    private Tensor Values(long runs) => Late(layer.Base(Activation.V, 0)).expand(runs, -1, -1, -1);

    private Tensor Late(Tensor values) => values.narrow(0, first, values.shape[0] - first);

    private Tensor Mix(Tensor q, Tensor k, Tensor v)
    {
        var earlier = first == 0 ? default : new Earlier(first, rotatedKeys.narrow(0, 0, first), layer.Base(Activation.V, 0).narrow(0, 0, first));
        return layer.Block.Attention.Mix(q, k, v, earlier);
    }
}
