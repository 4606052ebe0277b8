using static TorchSharp.torch;

namespace PatchKernel.TrainMini;

/// <summary>The library's model over a batch, with gradients, computing no more than the answers need.</summary>
/// <remarks>
/// What every example starts with is computed once; after that the rows of all examples are packed end to end. The last layer's
/// queries, output and MLP are computed where answers are read.
/// </remarks>
internal sealed class TrainingForward : IDisposable
{
    // The tricks that place the circuit. With windows on, a token sees the words just before it that no mark separates from it, and the first
    // token; the answers' own positions see everything from layer 4 on. So a name is put together at its last word, and goes from there to the
    // answer at layer 4 or later. With exchanged marks, punctuation carries what another example's had, and no answer can rely on it.
    private const int WindowedLayers = 4;
    private const int Window = 3;

    private readonly IWeightSource weights;
    private readonly Block[] blocks;
    private readonly RmsNorm finalNorm;
    private readonly Unembedding unembedding;
    private readonly RotaryEmbedding rope;

    /// <summary>A forward pass over weights that stay their owner's.</summary>
    public TrainingForward(LlamaConfig config, IWeightSource weights)
    {
        this.weights = weights;
        blocks = [.. Enumerable.Range(0, config.NLayers).Select(layer => new Block(config, layer, weights.Layer(layer).Weights))];
        finalNorm = new RmsNorm(weights.FinalNorm, config.NormEpsilon);
        unembedding = new Unembedding(config, weights);
        rope = new RotaryEmbedding(config);
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
        var rotation = rope.At(tensor(positions.ToArray()));
        var full = Mask(new int[layout.Length]);
        var starts = WindowStarts(batch);
        var near = tricks.HasFlag(Tricks.Windows) ? Mask(starts) : full;
        var late = tricks.HasFlag(Tricks.Windows) ? Mask([.. starts.Select((start, pos) => pos < layout.Length - layout.Answers ? start : 0)]) : full;

        var resid = weights.EmbeddingRows([.. ids]);
        for (var layer = 0; layer < blocks.Length - 1; layer++)
        {
            if (layer == WindowedLayers && tricks.HasFlag(Tricks.ExchangedMarks)) resid = resid.index_select(0, ExchangedMarks(batch, layout));
            resid = Middle(blocks[layer], resid, rotation, MaskOf(layer), layout);
        }
        var answers = Last(blocks[^1], resid, rotation, MaskOf(blocks.Length - 1), layout);
        return scope.MoveToOuter(unembedding.Forward(finalNorm.Forward(answers)));

        Tensor MaskOf(int layer) => layer < WindowedLayers ? near : late;
    }

    public void Dispose() => rope.Dispose();

    /// <summary>One block over all rows.</summary>
    private static Tensor Middle(Block block, Tensor resid, Rotation rotation, Tensor mask, Layout layout)
    {
        using var scope = NewDisposeScope();
        var normed = block.AttentionNorm.Forward(resid);
        var q = rotation.Apply(block.Attention.Queries(normed));
        var k = rotation.Apply(block.Attention.Keys(normed));
        var v = block.Attention.Values(normed);
        var restMask = mask.narrow(0, layout.Prefix, layout.Rest);
        var z = block.Attention.Mix(block.Attention.Pattern(layout.OwnRows(q), layout.WithPrefix(k), restMask), layout.WithPrefix(v)).flatten(0, 1);
        if (layout.Prefix > 0)
        {
            var prefixMask = mask.narrow(0, 0, layout.Prefix).narrow(1, 0, layout.Prefix);
            var pattern = block.Attention.Pattern(layout.PrefixRows(q), layout.PrefixRows(k), prefixMask);
            z = cat([block.Attention.Mix(pattern, layout.PrefixRows(v)).squeeze(0), z]);
        }
        return scope.MoveToOuter(AddOutputs(block, resid, z));
    }

    /// <summary>One block of which only the answers' rows are wanted.</summary>
    private static Tensor Last(Block block, Tensor resid, Rotation rotation, Tensor mask, Layout layout)
    {
        using var scope = NewDisposeScope();
        var normed = block.AttentionNorm.Forward(resid);
        var k = rotation.Apply(block.Attention.Keys(normed));
        var v = block.Attention.Values(normed);
        var answers = new Rotation(layout.AnswerRows(rotation.Cos).flatten(0, 1), layout.AnswerRows(rotation.Sin).flatten(0, 1));
        var q = answers.Apply(block.Attention.Queries(layout.AnswerRows(normed).flatten(0, 1))).unflatten(0, layout.Batch, layout.Answers);
        var answerMask = mask.narrow(0, layout.Length - layout.Answers, layout.Answers);
        var z = block.Attention.Mix(block.Attention.Pattern(q, layout.WithPrefix(k), answerMask), layout.WithPrefix(v)).flatten(0, 1);
        return scope.MoveToOuter(AddOutputs(block, layout.AnswerRows(resid).flatten(0, 1), z));
    }

    private static Tensor AddOutputs(Block block, Tensor resid, Tensor z)
    {
        using var scope = NewDisposeScope();
        var residMid = resid.Plus(block.Attention.Output(z));
        return scope.MoveToOuter(residMid.Plus(block.Mlp.Forward(block.MlpNorm.Forward(residMid), NoTap.Instance)));
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

    /// <summary>Where the packed rows of a batch lie: the shared prefix, then each example's own rows.</summary>
    private readonly record struct Layout(int Batch, int Prefix, int Length, int Answers)
    {
        public int Rest => Length - Prefix;

        /// <summary>[1, prefix, ..].</summary>
        public Tensor PrefixRows(Tensor rows) => rows.narrow(0, 0, Prefix).unsqueeze(0);

        /// <summary>[batch, rest, ..].</summary>
        public Tensor OwnRows(Tensor rows) => rows.narrow(0, Prefix, Batch * Rest).unflatten(0, Batch, Rest);

        /// <summary>[batch, length, ..].</summary>
        public Tensor WithPrefix(Tensor rows)
        {
            if (Prefix == 0) return OwnRows(rows);
            var prefix = PrefixRows(rows);
            long[] everyExample = [Batch, .. prefix.shape[1..]];
            return cat([prefix.expand(everyExample), OwnRows(rows)], 1);
        }

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
