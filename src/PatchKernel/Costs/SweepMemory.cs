namespace PatchKernel;

/// <summary>The memory that a sweep takes beside the weights, from the shape alone: simple bounds, which the wavefront's groups are made by.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="lengths">The tokens of every unpatched run.</param>
/// <param name="sites">What is patched.</param>
internal sealed class SweepMemory(LlamaConfig config, IReadOnlyList<int> lengths, IReadOnlyList<Site> sites)
{
    private const long Float = sizeof(float);

    // What the allocator loses between tensors whose sizes change from layer to layer.
    private const double Slack = 1.25;

    private readonly long dModel = config.DModel;
    private readonly long longest = lengths.Max();
    private readonly long positions = lengths.Sum(length => (long)length);

    // A row's last position, once with those of all rows and once normed.
    private const int LastPositions = 2;

    /// <summary>Bytes of a cell's row: its stream from the position that it starts at.</summary>
    public static long Row(LlamaConfig config, long positions) => (long)(Slack * Float * config.DModel * (positions + LastPositions));

    /// <summary>Bytes of what is there whatever the rows: the lanes, a slice's temporaries, what a layer's rows start with, and the logits of a part of them.</summary>
    /// <remarks>Layers and logits follow one another, but the allocator keeps what the layers freed.</remarks>
    /// <param name="rows">Rows and lanes whose logits are computed.</param>
    /// <param name="mostUnembeddingRows">How many rows of the unembedding there are at once.</param>
    public long Fixed(long rows, long mostUnembeddingRows) => Layer + Logits(rows, mostUnembeddingRows);

    /// <summary>Bytes without which a sweep isn't begun: those of one group of cells at its smallest.</summary>
    public long Least(long mostUnembeddingRows) => Fixed(lengths.Count + 1, mostUnembeddingRows) + SmallestGroup;

    /// <summary>Bytes that the rows of a group of cells may take.</summary>
    /// <param name="room">What the sweep may take.</param>
    /// <param name="rows">Rows and lanes whose logits are computed, of all cells.</param>
    /// <param name="mostUnembeddingRows">How many rows of the unembedding there are at once.</param>
    public long OfGroup(MemoryRoom room, long rows, long mostUnembeddingRows) =>
        Math.Max(SmallestGroup, room.Planned - Fixed(Math.Min(rows, LogitRows(room, mostUnembeddingRows)), mostUnembeddingRows));

    /// <summary>How many rows have logits at once: no more than a quarter of the room takes.</summary>
    public int LogitRows(MemoryRoom room, long mostUnembeddingRows) => (int)Math.Clamp(
        room.Planned / 4 / (Float * config.DVocab), lengths.Count, SweepRun.MostLogits(config, lengths.Count, mostUnembeddingRows));

    // Each group takes the lanes through the layers once more, and reads the weights: with less than a slice of rows it would cost more than it saves.
    private long SmallestGroup => Row(config, Math.Max(longest, LayerPass.MostPositions));

    /// <summary>Bytes of one full forward of the longest prompt, and of the activations that all lanes keep, as the naive method has them.</summary>
    public long Naive => Forward(config, longest, sites.Any(site => site.Reads(Activation.Pattern)))
        + Float * config.NLayers * sites.Select(site => site.Activation).Distinct().Sum(activation => lengths.Sum(length => ActivationSize.Of(activation, config, length)));

    /// <summary>Bytes of one full forward.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="length">The prompt's tokens.</param>
    /// <param name="wholePattern">Whether something sees the pattern, which is then there as a whole.</param>
    public static long Forward(LlamaConfig config, long length, bool wholePattern)
    {
        var heads = (long)config.NHeads * config.DHead;
        // The stream, its norm, attn_out and resid_mid; q, k, v, turned and not, and z.
        var stream = length * (5L * config.DModel + 3 * heads + 3L * config.NKeyValueHeads * config.DHead);
        return Float * (stream + Temporaries(config, Math.Min(length, LayerPass.MostPositions), Scores(config, length, length, wholePattern))) + Float * config.DVocab;
    }

    /// <summary>A layer at its fullest: what lanes keep, a slice's activations, and what rows that join start with.</summary>
    private long Layer
    {
        get
        {
            long heads = (long)config.NHeads * config.DHead, keys = (long)config.NKeyValueHeads * config.DHead;
            var kept = positions * (6 * dModel + 2 * heads + 3 * keys); // with the lanes' streams as they enter and leave
            foreach (var large in (Activation[])[Activation.Pattern, Activation.MlpPost])
                if (sites.Any(site => site.Reads(large))) kept += lengths.Sum(length => ActivationSize.Of(large, config, length));
            var slice = Math.Min(Math.Max(longest, LayerPass.MostPositions + LayerPass.MostPositions / 2), 2 * positions * config.NLayers);
            var starting = sites.Max(site => site is HeadSite ? 3L * site.Heads(config) * longest * dModel : 2 * longest * dModel);
            return Float * (kept + slice * (2 * heads + 3 * keys + 4 * dModel) + Temporaries(config, slice, Scores(config, slice, longest, sites.Any(site => site.Reads(Activation.Pattern)))) + starting);
        }
    }

    /// <summary>Numbers that an MLP or attention needs on the way.</summary>
    private static long Temporaries(LlamaConfig config, long positions, long scores) =>
        Math.Max(4 * scores, 4 * positions * config.DMlp); // scores, scaled, masked, and the pattern; gate, its SiLU, in, and their product

    /// <summary>Scores that are there at once.</summary>
    private static long Scores(LlamaConfig config, long queries, long keys, bool whole) =>
        whole ? config.NHeads * Math.Max(queries, keys) * keys : Math.Min(config.NHeads * queries * keys, QueryBlocks.MostScores);

    private long Logits(long rows, long mostUnembeddingRows)
    {
        var at = Math.Min(rows, SweepRun.MostLogits(config, lengths.Count, mostUnembeddingRows));
        var parts = mostUnembeddingRows < config.DVocab ? mostUnembeddingRows * (dModel + at) : 0; // a part's rows of W_U, and its logits
        return Float * (at * config.DVocab + parts);
    }
}
