using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What each sender writes in one run less what it writes in another, gathered as the runs go through the layers side by side.</summary>
/// <param name="model">The model.</param>
/// <param name="graph">Its graph.</param>
/// <param name="first">The first position that is kept.</param>
/// <param name="length">The runs' tokens.</param>
/// <param name="positions">The positions where differences count, elsewhere they are 0; null for all.</param>
/// <remarks>Lane 0 is the run that is patched, lane 1 the one that the senders come from.</remarks>
internal sealed class SenderDifferences(LanguageModel model, EdgeGraph graph, int first, int length, IReadOnlyList<int>? positions) : IDisposable
{
    private readonly ModelConfig config = model.Config;
    private int have;
    private Tensor? all; // [senders, positions, d_model]

    /// <summary>Takes the embeddings' difference from the first layer.</summary>
    public void AddEmbedding(LaneActivations[] lanes)
    {
        if (have == 0) Write(0, lanes, (lane, from) => Of(lane, Activation.ResidPre, from).unsqueeze(0), from: first);
    }

    /// <summary>Takes the differences of a layer's heads and MLP; the lanes have gone through it.</summary>
    public void AddLayer(int layer, Block block, LaneActivations[] lanes)
    {
        var sender = 1 + layer * graph.SendersPerLayer;
        if (have > sender) return;
        var from = Math.Max(first, lanes[0].QueryStart);
        Write(sender, lanes, (lane, start) => cat([block.Attention.SharesOfHeads(Of(lane, Activation.Z, start)), Of(lane, Activation.MlpOut, start).unsqueeze(0)]), from);
    }

    /// <summary>Some senders' differences from a position on, on a device; owned by the caller's dispose scope.</summary>
    /// <returns>[senders, positions, d_model].</returns>
    public Tensor Of(IReadOnlyList<int> senders, int from, Device device)
    {
        using var scope = NewDisposeScope();
        var late = On(device).narrow(1, from - first, length - from);
        var inOrder = senders[^1] - senders[0] == senders.Count - 1;
        return scope.MoveToOuter(inOrder ? late.narrow(0, senders[0], senders.Count) : late.index(tensor(senders.Select(sender => (long)sender).ToArray(), device: device)));
    }

    /// <summary>1 at some positions and 0 at the others, [count, 1]; owned by the caller's dispose scope.</summary>
    /// <param name="positions">The positions.</param>
    /// <param name="from">The first row's position.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="like">Gives dtype and device.</param>
    public static Tensor Counts(IReadOnlyList<int> positions, int from, int count, Tensor like)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(tensor(Enumerable.Range(from, count).Select(pos => positions.Contains(pos) ? 1f : 0f).ToArray(), dtype: like.dtype, device: like.device).unsqueeze(1));
    }

    public void Dispose() => all?.Dispose();

    private void Write(int sender, LaneActivations[] lanes, Func<LaneActivations, int, Tensor> outputs, int from)
    {
        using var scope = NewDisposeScope();
        var difference = outputs(lanes[1], from) - outputs(lanes[0], from);
        all ??= zeros([graph.Senders.Count, length - first, config.DModel], difference.dtype, difference.device).DetachFromDisposeScope();
        if (positions is not null) difference = difference * Counts(positions, from, length - from, difference);
        On(difference.device).narrow(0, sender, difference.shape[0]).narrow(1, from - first, length - from).copy_(difference);
        have = sender + (int)difference.shape[0];
    }

    /// <summary>All differences on the device of the layer that the runs are in; the next layer's is where they are then.</summary>
    private Tensor On(Device device)
    {
        if (all!.device.IsSame(device)) return all;
        using var before = all;
        return all = before.to(device).DetachFromDisposeScope();
    }

    private static Tensor Of(LaneActivations lane, Activation activation, int from) =>
        lane[activation].narrow(0, from - lane.Offset(activation), lane[activation].shape[0] + lane.Offset(activation) - from);
}
