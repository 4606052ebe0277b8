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
    // The tricks that place the circuit. With windows on, a token sees the words just before it that no mark separates from it, and the first
    // token; the answers' own positions see everything from layer 4 on. So a name is put together at its last word, and goes from there to the
    // answer at layer 4 or later. With exchanged marks, punctuation carries what another example's had, and no answer can rely on it.
    private const int WindowedLayers = 4;
    private const int Window = 3;

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
    /// <param name="tricks">Which of the tricks are on.</param>
    /// <returns>[batch · answers, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Logits(Batch batch, Tricks tricks)
    {
        using var scope = NewDisposeScope();
        var layout = new Layout(batch.Size, batch.SharedPrefix, batch.Length, batch.AnswerLength);
        var ids = batch.Inputs[0].Take(layout.Prefix).Concat(batch.Inputs.SelectMany(example => example.Skip(layout.Prefix)));
        var positions = Enumerable.Range(0, layout.Prefix)
            .Concat(Enumerable.Repeat(Enumerable.Range(layout.Prefix, layout.Rest), layout.Batch).SelectMany(row => row));
        var rotation = RotaryEmbedding.At(config, layer: 0, tensor(positions.ToArray()), layout.Length);
        var full = Mask(new int[layout.Length]);
        var starts = WindowStarts(batch);
        var near = tricks.HasFlag(Tricks.Windows) ? Mask(starts) : full;
        var late = tricks.HasFlag(Tricks.Windows) ? Mask([.. starts.Select((start, pos) => pos < layout.Length - layout.Answers ? start : 0)]) : full;

        var resid = weights.EmbeddingRows([.. ids]);
        for (var layer = 0; layer < blocks.Length - 1; layer++)
        {
            if (layer == WindowedLayers && tricks.HasFlag(Tricks.ExchangedMarks)) resid = resid.index_select(0, ExchangedMarks(batch, layout));
            resid = blocks[layer].Forward(resid, new BatchRows(rotation, MaskOf(layer), layout, AnswersAlone: false));
        }
        var answers = blocks[^1].Forward(resid, new BatchRows(rotation, MaskOf(blocks.Length - 1), layout, AnswersAlone: true));
        return scope.MoveToOuter(unembedding.Forward(finalNorm.Forward(answers)));

        Tensor MaskOf(int layer) => layer < WindowedLayers ? near : late;
    }

    /// <summary>Each packed row's own index, or for a mark before the answers that of the next example's.</summary>
    private static Tensor ExchangedMarks(Batch batch, Layout layout)
    {
        var rows = Enumerable.Range(0, layout.Prefix + layout.Batch * layout.Rest).Select(row => (long)row).ToArray();
        for (var example = 0; example < layout.Batch; example++)
            for (var pos = layout.Prefix; pos <= layout.Length - layout.Answers; pos++)
                if (batch.Marks[pos] || pos == layout.Length - layout.Answers)
                    rows[example * layout.Rest + pos] = (example + 1) % layout.Batch * layout.Rest + pos;
        return tensor(rows);
    }

    /// <summary>The first position that each one sees, apart from the first token: a few back.</summary>
    private static int[] WindowStarts(Batch batch)
    {
        var starts = new int[batch.Length];
        for (var pos = 0; pos < starts.Length; pos++)
        {
            starts[pos] = Math.Max(0, pos - Window + 1);
        }
        return starts;
    }

    /// <summary>0 where a position sees a key: the first, and those from its start to itself; −∞ elsewhere; [query_pos, key_pos].</summary>
    private static Tensor Mask(int[] starts)
    {
        var length = starts.Length;
        var mask = new float[length * length];
        for (var query = 0; query < length; query++)
            for (var key = 0; key < length; key++)
                if (key > query || (key > 0 && key < starts[query])) mask[query * length + key] = float.NegativeInfinity;
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

/// <summary>What a training step may do to place the circuit.</summary>
[Flags]
internal enum Tricks
{
    None = 0,
    Windows = 1,
    ExchangedMarks = 2,
}
