using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Runs of prompts of one length in which each receiver reads its own mixture: over a circuit's edges what this run's senders write, over all others what ablated ones do.</summary>
/// <remarks>
/// A receiver's input is the sum of all ablated senders and, for each live edge, of what its sender writes here and not ablated: where no sender is live and all are ablated to
/// zero, it is zero to the last digit, which a norm would blow up else. What belongs to no sender, such as attention's output bias, is this run's own.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="graph">Its graph.</param>
/// <param name="runs">The prompts.</param>
/// <param name="ablated">What senders write over dead edges, [prompts, senders, pos or 1, d_model]; null for nothing.</param>
internal sealed class CircuitForward(LanguageModel model, EdgeGraph graph, IReadOnlyList<TappedRun> runs, Tensor? ablated)
{
    private readonly ModelConfig config = model.Config;
    private readonly int length = runs[0].Ids.Count;

    /// <summary>Bytes that one circuit's run of one prompt takes.</summary>
    public static long Bytes(EdgeGraph graph, ModelConfig config, int length)
    {
        // Senders' differences; of one layer each receiver's stream, normed and not, and as many for what norms compute.
        var wide = graph.Senders.Count + 6L * graph.ReceiversPerLayer;
        return sizeof(float) * (wide * length * config.DModel + config.DVocab) + ForwardMemory.Layer(config, length, ForwardMemory.Scores(config, length, length, false), length);
    }

    /// <summary>Logits at the positions that are read.</summary>
    /// <param name="circuits">The circuits, which go through the layers side by side, each with each prompt.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>[prompts · circuits, positions that are read, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Logits(IReadOnlyList<Circuit> circuits, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var streams = new CircuitStreams(graph, circuits, cat([.. runs.Select(run => model.Embed(run.Ids))]), ablated);
        try
        {
            for (var layer = 0; layer < config.NLayers; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                streams.Move(model.DeviceMap.Layer(layer).RunsOn);
                using var lease = model.Weights.Layer(layer);
                Through(streams, layer, new Block(config, layer, lease.Weights));
            }
        }
        finally
        {
            model.Weights.EndPass();
        }
        streams.Move(model.DeviceMap.Head.RunsOn);
        var read = streams.Reads(graph.Receivers.Count - 1, 1)[0].narrow(1, length - runs[0].Read, runs[0].Read);
        return scope.MoveToOuter(model.Unembedding.Forward(model.FinalNorm.Forward(read)));
    }

    private void Through(CircuitStreams streams, int layer, Block block)
    {
        using var scope = NewDisposeScope();
        var (attention, receiver, sender) = (block.Attention, layer * graph.ReceiversPerLayer, 1 + layer * graph.SendersPerLayer);
        var (count, heads, kvHeads) = (streams.Count, graph.NHeads, graph.NKeyValueHeads);
        var normed = block.AttentionReads(streams.Reads(receiver, heads + 2 * kvHeads).flatten(1, 2)); // [receivers, runs · pos, d_model]
        var rotation = model.Rotation(layer, 0, length);
        var q = attention.ReadyQueries(Runs(attention.QueriesOfEach(normed.narrow(0, 0, heads))), rotation);
        var k = attention.ReadyKeys(Runs(attention.KeysOfEach(normed.narrow(0, heads, kvHeads))), rotation);
        var v = Runs(attention.ValuesOfEach(normed.narrow(0, heads + kvHeads, kvHeads)));
        var z = attention.Mix(q, k, v).flatten(0, 1);
        var mlp = receiver + graph.ReceiversPerLayer - 1;
        var mlpReads = config.Parts.Parallel ? streams.Reads(mlp, 1) : null;
        streams.Add(sender, Runs(attention.SharesOfHeads(z).transpose(0, 1)).transpose(1, 2));
        if (attention.OfNoHead(z) is { } rest) streams.AddRest(rest.dim() == 1 ? rest : Runs(rest));
        mlpReads ??= streams.Reads(mlp, 1);
        streams.Add(sender + heads, Runs(block.MlpOut(mlpReads[0].flatten(0, 1))).unsqueeze(1));

        Tensor Runs(Tensor rows) => rows.unflatten(0, count, length);
    }
}
