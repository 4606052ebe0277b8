using CsCheck;
using PatchKernel.Activations;
using PatchKernel.Circuits;
using PatchKernel.Models;
using PatchKernel.Tests.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>Several edges patched together, against runs in which what their receivers make of what they read is put in by taps.</summary>
public sealed class TogetherTests
{
    [Fact]
    public void With_any_parts_a_set_of_edges_is_what_its_receivers_make_put_into_the_run() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from share in Gen.Double.Unit
        from noising in Gen.Bool
        select (config, seed, pair, share, noising)).Sample((config, seed, pair, share, noising) =>
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var (graph, draw) = (new EdgeGraph(config), new Random(seed));
        Edge[] set = [.. graph.Edges.Where(edge => edge.Receiver != "logits" && draw.NextDouble() < share * share)];
        var (patched, other) = noising ? (pair.Clean, pair.Corrupt) : (pair.Corrupt, pair.Clean);
        var options = new PathOptions { Metrics = [Metric.LogitDiff, Metric.Kl], Direction = noising ? Direction.Noising : Direction.Denoising };
        var found = PathPatching.Together(model, pair, [set], options)["logit_diff"][0];

        using var kept = new ActivationCache(config.Parts.Parallel ? [Activation.ResidPre] : [Activation.ResidPre, Activation.ResidMid]);
        _ = new ForwardPass(model).Streams([new TappedRun(patched.Ids, kept)], default);
        var differences = SenderOutputs.Of(model, new TappedRun(other.Ids, TapSequence.None), default) - SenderOutputs.Of(model, new TappedRun(patched.Ids, TapSequence.None), default);
        var pins = new Pins();
        foreach (var edges in set.Select(edge => graph.Places[graph.IndexOf(edge)]).GroupBy(place => place.Receiver))
            pins.Add(model, graph.ReceiverAt(edges.Key), kept, edges.Select(place => differences[place.Sender]).Aggregate(Scalars.Plus));
        var logits = model.Unembedding.Forward(new ForwardPass(model).Streams([new TappedRun(patched.Ids, pins)], default)[0])[0, -1];
        var expected = (logits[pair.CleanTarget.Id] - logits[pair.CorruptTarget.Id]).item<double>();
        Assert.Equal(expected, found, 1e-5 * Math.Max(1, Math.Abs(expected)));
    }, iter: 60, threads: 1);

    /// <summary>Puts in queries, keys and values of single heads, and what MLPs add.</summary>
    private sealed class Pins : ITap
    {
        private readonly List<(Activation Activation, int Layer, int Head, Tensor Value)> pins = [];

        /// <summary>What a receiver makes of the unpatched stream and what is added to it, [pos, d_model].</summary>
        public void Add(LanguageModel model, Receiver receiver, ActivationCache kept, Tensor added)
        {
            using var lease = model.Weights.Layer(receiver.Layer);
            var block = new Block(model.Config, receiver.Layer, lease.Weights);
            var read = kept[receiver.Kind == ReceiverKind.Mlp && !model.Config.Parts.Parallel ? Activation.ResidMid : Activation.ResidPre, receiver.Layer][0].Plus(added);
            var (activation, value) = receiver.Kind switch
            {
                ReceiverKind.Query => (Activation.Q, block.Attention.Queries(block.AttentionReads(read))),
                ReceiverKind.Key => (Activation.K, block.Attention.Keys(block.AttentionReads(read))),
                ReceiverKind.Value => (Activation.V, block.Attention.Values(block.AttentionReads(read))),
                _ => (Activation.MlpOut, block.MlpOut(read)),
            };
            pins.Add((activation, receiver.Layer, receiver.Head, value));
        }

        public bool Wants(Activation activation, int layer) => pins.Any(pin => pin.Activation == activation && pin.Layer == layer);

        public Tensor Visit(Activation activation, int layer, Tensor value)
        {
            var seen = value;
            foreach (var pin in pins.Where(pin => pin.Activation == activation && pin.Layer == layer))
                seen = activation == Activation.MlpOut ? pin.Value.view(value.shape) : WithHead(seen, pin.Value.view(value.shape), pin.Head);
            return seen;
        }

        private static Tensor WithHead(Tensor heads, Tensor others, int head)
        {
            var changed = heads.clone();
            changed.narrow(-2, head, 1).copy_(others.narrow(-2, head, 1));
            return changed;
        }
    }
}
