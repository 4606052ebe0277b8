using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Full forwards of one prompt in which receivers read something else: the plain way of path patching, which the wavefront is checked against.</summary>
/// <remarks>
/// A patched receiver reads what it reads in the unpatched run and what is added to that, whatever receivers before it were patched too: paths between them are frozen.
/// Wang et al. 2022, arXiv:2211.00593, where all else that lies between is frozen as well.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="graph">Its graph.</param>
/// <param name="run">The run that is patched.</param>
internal sealed class PathForward(LanguageModel model, EdgeGraph graph, TappedRun run)
{
    /// <summary>Logits at the positions that are read, one run for each set of differences, side by side through the layers.</summary>
    /// <param name="added">For each run, by a receiver's place, what is added to the stream as this receiver reads it, [pos, d_model].</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>[runs, positions that are read, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Logits(IReadOnlyList<IReadOnlyDictionary<int, Tensor>> added, CancellationToken cancel)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var embedded = run.Watcher.Visit(Activation.Embed, 0, model.Embed(run.Ids))[0];
        IReadOnlyDictionary<int, Tensor>[] runs = [new Dictionary<int, Tensor>(), .. added]; // the first one is unpatched
        Tensor[] streams = [.. runs.Select(_ => embedded)];
        try
        {
            for (var layer = 0; layer < model.Config.NLayers; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                using var layerScope = NewDisposeScope();
                using var lease = model.Weights.Layer(layer);
                var (block, rotation, device) = (new Block(model.Config, layer, lease.Weights), model.Rotation(layer, 0, run.Ids.Count), model.DeviceMap.Layer(layer).RunsOn);
                using var unpatched = new UnpatchedReads();
                for (var at = 0; at < streams.Length; at++)
                {
                    using var entering = streams[at].to(device).alias();
                    var rows = new PathRows(graph, layer, block, new PromptRows(run.Watcher, layer, rotation, null), unpatched, runs[at]);
                    streams[at] = layerScope.MoveToOuter(block.Forward(entering, rows));
                }
            }
        }
        finally
        {
            model.Weights.EndPass();
        }
        var last = streams.Select(stream => Last(stream.to(model.DeviceMap.Head.RunsOn))).ToArray();
        var read = last.Skip(1).Zip(added, (own, more) => more.GetValueOrDefault(graph.Receivers.Count - 1) is { } sum ? Sum(last[0], Last(sum)) : own);
        return scope.MoveToOuter(model.Unembedding.Forward(model.FinalNorm.Forward(stack([.. read]))));
    }

    private Tensor Last(Tensor stream) => stream.narrow(0, run.Ids.Count - run.Read, run.Read);

    private static Tensor Sum(Tensor stream, Tensor added) => stream.Plus(added.to(stream.device));

    /// <summary>What receivers read in a layer of the unpatched run, which is the first to go through it.</summary>
    private sealed class UnpatchedReads : IDisposable
    {
        private readonly Dictionary<Activation, Tensor> streams = [];
        private PathRows? owner;

        /// <summary>The stream that queries, keys and values are made of.</summary>
        public Tensor ResidPre => streams[Activation.ResidPre];

        /// <summary>The stream that the MLP reads.</summary>
        public Tensor Mlp => streams.GetValueOrDefault(Activation.ResidMid, ResidPre);

        public void Keep(PathRows rows, Activation activation, Tensor seen)
        {
            owner ??= rows;
            if (ReferenceEquals(owner, rows) && activation is (Activation.ResidPre or Activation.ResidMid)) streams[activation] = seen.alias().DetachFromDisposeScope();
        }

        public void Dispose()
        {
            foreach (var stream in streams.Values) stream.Dispose();
        }
    }

    /// <summary>One run's rows in a block; what a patched receiver makes of the stream is made anew of what it reads.</summary>
    private sealed class PathRows(EdgeGraph graph, int layer, Block block, PromptRows rows, UnpatchedReads unpatched, IReadOnlyDictionary<int, Tensor> added) : IBlockRows
    {
        public bool Wants(Activation activation) => rows.Wants(activation);

        public Tensor Queried(Tensor packed) => packed;

        public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v) => rows.Mix(attention, q, k, v);

        public Tensor Visit(Activation activation, Tensor packed)
        {
            var heads = graph.NHeads;
            var seen = rows.Visit(activation, activation switch
            {
                Activation.Q => Heads(packed, 0, block.Attention.Queries),
                Activation.K => Heads(packed, heads, block.Attention.Keys),
                Activation.V => Heads(packed, heads + graph.NKeyValueHeads, block.Attention.Values),
                Activation.MlpOut when Added(graph.ReceiversPerLayer - 1) is { } more => block.MlpOut(Sum(unpatched.Mlp, more)),
                _ => packed,
            });
            unpatched.Keep(this, activation, seen);
            return seen;
        }

        private Tensor Heads(Tensor made, int from, Func<Tensor, Tensor> project)
        {
            var count = (int)made.shape[1];
            if (!Enumerable.Range(from, count).Any(place => Added(place) is not null)) return made;
            using var scope = NewDisposeScope();
            return scope.MoveToOuter(cat([.. Enumerable.Range(0, count).Select(head =>
                (Added(from + head) is { } more ? project(block.AttentionReads(Sum(unpatched.ResidPre, more))) : made).narrow(1, head, 1))], 1));
        }

        private Tensor? Added(int place) => added.GetValueOrDefault(layer * graph.ReceiversPerLayer + place);
    }
}
