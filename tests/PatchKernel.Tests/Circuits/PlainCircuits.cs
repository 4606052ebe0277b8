using PatchKernel.Circuits;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>A circuit's run the plain way: one receiver after the other, each with a stream of its own.</summary>
/// <param name="model">The model.</param>
/// <param name="circuit">The circuit.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="ablated">What senders write over dead edges, [senders, pos or 1, d_model]; null for nothing.</param>
/// <param name="fromWhole">
/// Whether a receiver's input is the whole stream, and then for each dead edge what is ablated less what is there: as the golden numbers were made. A receiver without live
/// edges then reads what rounding leaves of the stream, and not zero. Else it is the sum of what its edges carry.
/// </param>
/// <param name="keepPositions">Whether learned positions are no part of the embedding's sender, and stay whatever is ablated: as EAP-IG's code has it.</param>
internal sealed class PlainCircuits(LanguageModel model, Circuit circuit, Prompt prompt, Tensor? ablated, bool fromWhole, bool keepPositions)
{
    private readonly EdgeGraph graph = circuit.Graph;
    private readonly HashSet<EdgePlace> live = [.. circuit.Graph.Places.Where((_, edge) => circuit.Live[edge])];
    private readonly List<Tensor> sent = []; // what each sender has written so far
    private Tensor whole = null!, rest = null!;

    /// <summary>The last position's logits.</summary>
    public static float[] Logits(LanguageModel model, Circuit circuit, Prompt prompt, Tensor? ablated, bool fromWhole = false, bool keepPositions = false)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return new PlainCircuits(model, circuit, prompt, ablated, fromWhole, keepPositions).Run().to(ScalarType.Float32).ToFloats();
    }

    private Tensor Run()
    {
        whole = model.Embed(prompt.Ids)[0];
        rest = keepPositions && model.Weights.Positions is { } positions ? positions.narrow(0, 0, prompt.Length) : zeros_like(whole);
        sent.Add(whole - rest);
        for (var layer = 0; layer < graph.NLayers; layer++)
        {
            using var lease = model.Weights.Layer(layer);
            Through(layer, new Block(model.Config, layer, lease.Weights));
        }
        return model.Unembedding.Forward(model.FinalNorm.Forward(Read(graph.Receivers.Count - 1).narrow(0, prompt.Length - 1, 1)));
    }

    private void Through(int layer, Block block)
    {
        var (attention, first, rotation) = (block.Attention, layer * graph.ReceiversPerLayer, model.Rotation(layer, 0, prompt.Length));
        var q = attention.ReadyQueries(Heads(0, graph.NHeads, attention.Queries), rotation);
        var k = attention.ReadyKeys(Heads(graph.NHeads, graph.NKeyValueHeads, attention.Keys), rotation);
        var z = Mix(layer, q, k, Heads(graph.NHeads + graph.NKeyValueHeads, graph.NKeyValueHeads, attention.Values));
        var mlp = first + graph.ReceiversPerLayer - 1;
        var early = graph.IsParallel ? Read(mlp) : null;
        sent.AddRange(attention.SharesOfHeads(z).unbind());
        if (attention.OfNoHead(z) is { } none) rest = rest.Plus(none);
        whole = whole.Plus(attention.Output(z));
        sent.Add(block.MlpOut(early ?? Read(mlp)));
        whole = whole.Plus(sent[^1]);

        Tensor Heads(int from, int count, Func<Tensor, Tensor> project) =>
            cat([.. Enumerable.Range(0, count).Select(head => project(block.AttentionReads(Read(first + from + head))).narrow(1, head, 1))], 1);
    }

    /// <summary>What a receiver reads, [pos, d_model].</summary>
    private Tensor Read(int receiver)
    {
        var edges = Enumerable.Range(0, graph.SendersBefore(receiver)).ToLookup(sender => live.Contains(new(sender, receiver)));
        if (!fromWhole) return edges[true].Select(sender => sent[sender]).Concat(edges[false].Where(_ => ablated is not null).Select(sender => ablated![sender])).Aggregate(rest, Scalars.Plus);
        var changes = edges[false].Select(sender => ablated is null ? -sent[sender] : ablated[sender] - sent[sender]).ToArray();
        return changes.Length == 0 ? whole : whole.Plus(changes.Aggregate(Scalars.Plus));
    }

    /// <summary>Attention head by head, each with a copy of its group's keys and values; [pos, heads, d_head].</summary>
    private Tensor Mix(int layer, Tensor q, Tensor k, Tensor v)
    {
        var (config, group) = (model.Config, graph.NHeads / graph.NKeyValueHeads);
        var scores = q.transpose(0, 1).matmul(Copies(k).transpose(1, 2)).Over(config.Parts.ScoreDivisor ?? Math.Sqrt(config.DHead));
        if (config.Parts.ScoreCap is { } cap) scores = scores.Over(cap).tanh().Times(cap);
        var pattern = scores.Plus(Scalars.CausalMask(prompt.Length, prompt.Length, scores, config.PositionsOf(layer).Window)).softmax(-1);
        return pattern.matmul(Copies(v)).transpose(0, 1).contiguous();

        Tensor Copies(Tensor heads) => heads.transpose(0, 1).repeat_interleave(group, 0);
    }
}
