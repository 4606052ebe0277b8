using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Both unpatched runs of some pairs of one length, which go through the layers side by side: their logits, and what their senders and sublayers write.</summary>
internal sealed class PairOutputs : IDisposable
{
    private readonly LanguageModel model;
    private readonly EdgeGraph graph;
    private readonly int pairs;
    private readonly Dictionary<(Activation, int), Tensor>? sublayers;

    /// <summary>Runs the prompts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="pairs">The pairs; with the answer that metrics read behind them, their runs have one length.</param>
    /// <param name="metrics">What is measured.</param>
    /// <param name="keepsSublayers">Whether <see cref="Sublayer"/> will be asked for.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <exception cref="PatchKernelException">A prompt doesn't fit the model, or a logit is infinite or not a number.</exception>
    public PairOutputs(LanguageModel model, EdgeGraph graph, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Metric> metrics, bool keepsSublayers, CancellationToken cancel)
    {
        (this.model, this.graph, this.pairs, sublayers) = (model, graph, pairs.Count, keepsSublayers ? [] : null);
        TappedRun[] runs = [.. pairs.Select(pair => UnpatchedRuns.Run(pair, pair.Clean, metrics)), .. pairs.Select(pair => UnpatchedRuns.Run(pair, pair.Corrupt, metrics))];
        var pass = new ForwardPass(model);
        foreach (var run in runs) pass.Check(run);
        try
        {
            using var scope = NewDisposeScope();
            Embedded = cat([.. runs.Select(run => model.Embed(run.Ids))]).DetachFromDisposeScope();
            Differences = zeros([pairs.Count, graph.Senders.Count, .. Embedded.shape[1..]], Embedded.dtype, Embedded.device).DetachFromDisposeScope();
            Write(0, Embedded.unsqueeze(0));
            var logits = Logits(runs[0].Read, cancel).split(1).Select(run => run.ToFloats()).ToArray();
            Runs = [.. pairs.Select((pair, at) => logits[at].Concat(logits[pairs.Count + at]).All(float.IsFinite)
                ? new UnpatchedRuns(pair, logits[at], logits[pairs.Count + at]) : UnpatchedRuns.Of(model, pair, metrics, cancel))]; // which says whose
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Each pair's logits.</summary>
    public IReadOnlyList<UnpatchedRuns> Runs { get; }

    /// <summary>What each sender writes in the clean run less in the corrupt one, [pairs, senders, pos, d_model].</summary>
    public Tensor Differences { get; }

    /// <summary>What enters the first layer of both runs, [pairs, pos, d_model]; views.</summary>
    public (Tensor Clean, Tensor Corrupt) Embeddings => Both(Embedded);

    /// <summary>What a layer's attention or MLP adds to the streams of both runs, [pairs, pos, d_model]; views.</summary>
    public (Tensor Clean, Tensor Corrupt) Sublayer(Activation activation, int layer) => Both(sublayers![(activation, layer)]);

    // All clean runs, then all corrupt ones, [2 · pairs, pos, d_model].
    private Tensor Embedded { get; }

    public void Dispose()
    {
        Embedded?.Dispose();
        Differences?.Dispose();
        foreach (var value in sublayers?.Values.ToArray() ?? []) value.Dispose();
    }

    /// <summary>Goes through the layers, keeping what they write; the logits of each run are [positions that are read, d_vocab].</summary>
    private Tensor Logits(int read, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var (stream, length) = (Embedded.flatten(0, 1), (int)Embedded.shape[1]);
        try
        {
            for (var layer = 0; layer < model.Config.NLayers; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                using var layerScope = NewDisposeScope();
                using var lease = model.Weights.Layer(layer);
                using var before = stream;
                using var rows = new KeptRows(new BatchRows(length, model.Rotation(layer, 0, length)), sublayers is not null);
                var block = new Block(model.Config, layer, lease.Weights);
                stream = layerScope.MoveToOuter(block.Forward(before.to(model.DeviceMap.Layer(layer).RunsOn).alias(), rows));
                var senders = cat([block.Attention.SharesOfHeads(rows.Kept[Activation.Z]), rows.Kept[Activation.MlpOut].unsqueeze(0)]);
                Write(1 + layer * graph.SendersPerLayer, senders.unflatten(1, -1, length));
                foreach (var activation in sublayers is null ? (Activation[])[] : [Activation.AttnOut, Activation.MlpOut])
                    sublayers!.Add((activation, layer), rows.Kept[activation].unflatten(0, -1, length).to(Embedded.device).clone().DetachFromDisposeScope());
            }
        }
        finally
        {
            model.Weights.EndPass();
        }
        var last = stream.unflatten(0, -1, length).narrow(1, length - read, read).to(model.DeviceMap.Head.RunsOn);
        return scope.MoveToOuter(model.Unembedding.Forward(model.FinalNorm.Forward(last)));
    }

    /// <summary>Takes what some senders write, the first of them at a place, [senders, 2 · pairs, pos, d_model].</summary>
    private void Write(int sender, Tensor outputs)
    {
        using var scope = NewDisposeScope();
        var difference = (outputs.narrow(1, 0, pairs) - outputs.narrow(1, pairs, pairs)).transpose(0, 1);
        Differences.narrow(1, sender, outputs.shape[0]).copy_(difference);
    }

    private (Tensor Clean, Tensor Corrupt) Both(Tensor all) => (all.narrow(0, 0, pairs), all.narrow(0, pairs, pairs));

    /// <summary>Keeps what senders are made of.</summary>
    private sealed class KeptRows(BatchRows rows, bool attention) : IBlockRows, IDisposable
    {
        public Dictionary<Activation, Tensor> Kept { get; } = [];

        public bool Wants(Activation activation) => activation is Activation.Z or Activation.MlpOut || attention && activation == Activation.AttnOut;

        public Tensor Queried(Tensor packed) => packed;

        public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v) => rows.Mix(attention, q, k, v);

        public Tensor Visit(Activation activation, Tensor packed)
        {
            if (Wants(activation)) Kept[activation] = packed.alias().DetachFromDisposeScope();
            return packed;
        }

        public void Dispose()
        {
            foreach (var value in Kept.Values) value.Dispose();
        }
    }
}
