using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.TrainMini;

/// <summary>The library's model over a batch, with gradients, computing no more than the answers need.</summary>
/// <remarks>
/// What every example starts with is computed once; after that the rows of all examples are packed end to end. The last layer's
/// queries, output and MLP are computed where answers are read.
/// </remarks>
internal sealed class TrainingForward
{
    private readonly ModelConfig config;
    private readonly IWeightSource weights;
    private readonly Block[] blocks;
    private readonly Norm finalNorm;
    private readonly Unembedding unembedding;

    /// <summary>A forward pass over weights that stay their owner's.</summary>
    public TrainingForward(ModelConfig config, IWeightSource weights)
    {
        (this.config, this.weights) = (config, weights);
        blocks = [.. Enumerable.Range(0, config.NLayers).Select(layer => new Block(config, layer, weights.Layer(layer).Weights))];
        finalNorm = weights.FinalNorm;
        unembedding = new Unembedding(config, weights);
    }

    /// <summary>Logits at the last positions of every example, one an answer token.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="circuit">What each position may see, and where it takes its stream from.</param>
    /// <param name="transplant">A position of some examples whose stream comes from others; null for none.</param>
    /// <returns>[batch · answers, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Logits(Batch batch, Circuit circuit, Transplant? transplant = null)
    {
        using var scope = NewDisposeScope();
        var layout = new Layout(batch.Size, batch.SharedPrefix, batch.Length, batch.AnswerLength);
        var ids = batch.Inputs[0].Take(layout.Prefix).Concat(batch.Inputs.SelectMany(example => example.Skip(layout.Prefix)));
        var positions = Enumerable.Range(0, layout.Prefix)
            .Concat(Enumerable.Repeat(Enumerable.Range(layout.Prefix, layout.Rest), layout.Batch).SelectMany(row => row));
        var rotation = RotaryEmbedding.At(config, layer: 0, tensor(positions.ToArray()), layout.Length);

        var resid = weights.EmbeddingRows([.. ids]);
        for (var layer = 0; layer < blocks.Length; layer++)
        {
            if (Sources(layer, batch, layout, circuit, transplant) is { } sources) resid = resid.index_select(0, sources);
            resid = blocks[layer].Forward(resid, new BatchRows(rotation, Mask(layer, layout.Length, circuit), layout, AnswersAlone: layer == blocks.Length - 1));
        }
        return scope.MoveToOuter(unembedding.Forward(finalNorm.Forward(resid)));
    }

    /// <summary>The packed row that each one enters a layer from; null where that is its own.</summary>
    private static Tensor? Sources(int layer, Batch batch, Layout layout, Circuit circuit, Transplant? transplant)
    {
        var exchanged = Enumerable.Range(layout.Prefix, layout.Rest).Where(pos => circuit.Exchanges(layer, pos)).ToArray();
        var transplanted = transplant?.Layer == layer;
        if (exchanged.Length == 0 && !transplanted) return null;
        var rows = Enumerable.Range(0, layout.Prefix + layout.Batch * layout.Rest).Select(row => (long)row).ToArray();
        for (var example = 0; example < batch.Size; example++)
            foreach (var pos in exchanged) rows[Row(example, pos)] = Row((example + 1) % batch.Size, pos);
        if (transplanted)
            for (var example = 0; example < transplant!.Positions.Count; example++)
                rows[Row(example, transplant.Positions[example])] = Row(example + transplant.Positions.Count, transplant.Positions[example]);
        return tensor(rows);

        int Row(int example, int pos) => example * layout.Rest + pos;
    }

    /// <summary>0 where a position sees a key, −∞ elsewhere; [query_pos, key_pos].</summary>
    private static Tensor Mask(int layer, int length, Circuit circuit)
    {
        var mask = new float[length * length];
        for (var query = 0; query < length; query++)
            for (var key = 0; key < length; key++)
                if (key > query || !circuit.Sees(layer, query, key)) mask[query * length + key] = float.NegativeInfinity;
        return tensor(mask, length, length);
    }

    /// <summary>The rows of a batch in one block: the shared prefix, then each example's own.</summary>
    /// <param name="Rotation">The rotary embedding at every row's position.</param>
    /// <param name="Mask">0 where a position sees a key, −∞ elsewhere, [query_pos, key_pos].</param>
    /// <param name="Layout">Where the rows lie.</param>
    /// <param name="AnswersAlone">Whether only the rows are wanted at which answers are read.</param>
    private sealed record BatchRows(Rotation Rotation, Tensor Mask, Layout Layout, bool AnswersAlone) : IBlockRows
    {
        public bool Wants(Activation activation) => false;

        public Tensor Visit(Activation activation, Tensor packed) => packed;

        public Tensor Queried(Tensor packed) => AnswersAlone ? Layout.AnswerRows(packed).flatten(0, 1) : packed;

        public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v)
        {
            using var scope = NewDisposeScope();
            var (turnedQ, turnedK) = (attention.ReadyQueries(q, Rotation.Rows(Queried)), attention.ReadyKeys(k, Rotation));
            var earlier = Layout.Prefix == 0 ? default
                : new Earlier(Layout.Prefix, turnedK.narrow(0, 0, Layout.Prefix), v.narrow(0, 0, Layout.Prefix));
            var queries = AnswersAlone ? Layout.Answers : Layout.Rest;
            var own = AnswersAlone ? turnedQ.unflatten(0, Layout.Batch, Layout.Answers) : Layout.OwnRows(turnedQ);
            var z = attention.Mix(own, Layout.OwnRows(turnedK), Layout.OwnRows(v), earlier, mask: Mask.narrow(0, Layout.Length - queries, queries)).flatten(0, 1);
            if (AnswersAlone || Layout.Prefix == 0) return scope.MoveToOuter(z);
            var prefixMask = Mask.narrow(0, 0, Layout.Prefix).narrow(1, 0, Layout.Prefix);
            var ofPrefix = attention.Mix(Layout.PrefixRows(turnedQ), Layout.PrefixRows(turnedK), Layout.PrefixRows(v), mask: prefixMask);
            return scope.MoveToOuter(cat([ofPrefix.squeeze(0), z]));
        }
    }

    /// <summary>Where the packed rows of a batch lie: the shared prefix, then each example's own rows.</summary>
    private readonly record struct Layout(int Batch, int Prefix, int Length, int Answers)
    {
        public int Rest => Length - Prefix;

        /// <summary>[1, prefix, ..].</summary>
        public Tensor PrefixRows(Tensor rows) => rows.narrow(0, 0, Prefix).unsqueeze(0);

        /// <summary>[batch, rest, ..].</summary>
        public Tensor OwnRows(Tensor rows) => rows.narrow(0, Prefix, Batch * Rest).unflatten(0, Batch, Rest);

        /// <summary>[batch, answers, ..].</summary>
        public Tensor AnswerRows(Tensor rows) => OwnRows(rows).narrow(1, Rest - Answers, Answers);
    }
}

/// <summary>A position of each example of a batch's first half whose stream comes from the example at the same place in its second half.</summary>
/// <param name="Layer">The layer that it enters from there.</param>
/// <param name="Positions">One position for each example of the first half.</param>
internal sealed record Transplant(int Layer, IReadOnlyList<int> Positions);
