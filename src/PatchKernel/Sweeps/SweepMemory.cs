using PatchKernel.Models;

namespace PatchKernel.Sweeps;

/// <summary>The memory that a sweep takes beside the weights: simple bounds from the shape alone, which the wavefront's groups are planned with.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="lengths">The tokens of every unpatched run.</param>
/// <param name="sites">What is patched.</param>
internal sealed class SweepMemory(ModelConfig config, IReadOnlyList<int> lengths, IReadOnlyList<Site> sites)
{
    private const long Float = sizeof(float);

    // What the allocator loses between tensors whose sizes change from layer to layer.
    private const double Slack = 1.25;

    // A row's last position is copied twice: beside those of all other rows, and normed.
    private const int LastPositions = 2;

    private readonly long longest = lengths.Max();
    private readonly bool readsPattern = sites.Any(site => site.Reads(Activation.Pattern));

    /// <summary>Bytes of a cell's row: its stream from the position that it starts at.</summary>
    public static long Row(ModelConfig config, long positions) => (long)(Slack * Float * config.DModel * (positions + LastPositions));

    /// <summary>Bytes that don't depend on the number of cells: the unpatched runs in one layer, a slice of rows, and the logits of a part of them.</summary>
    /// <param name="rows">Rows and unpatched runs whose logits are computed.</param>
    /// <param name="mostUnembeddingRows">How many rows of the unembedding there are at once.</param>
    public long Fixed(long rows, long mostUnembeddingRows) => Lanes + Slice + Logits(rows, mostUnembeddingRows);

    /// <summary>Bytes without which a sweep isn't begun: those of one group of cells at its smallest.</summary>
    public long Least(long mostUnembeddingRows) => Fixed(lengths.Count + 1, mostUnembeddingRows) + SmallestGroup;

    /// <summary>Bytes that the rows of a group of cells may take.</summary>
    /// <param name="room">What the sweep may take.</param>
    /// <param name="rows">Rows and unpatched runs whose logits are computed, of all cells.</param>
    /// <param name="mostUnembeddingRows">How many rows of the unembedding there are at once.</param>
    public long OfGroup(MemoryRoom room, long rows, long mostUnembeddingRows) =>
        Math.Max(SmallestGroup, room.Planned - Fixed(Math.Min(rows, LogitRows(room, mostUnembeddingRows)), mostUnembeddingRows));

    /// <summary>How many rows have logits at once: no more than fit in a quarter of the room.</summary>
    public int LogitRows(MemoryRoom room, long mostUnembeddingRows) => (int)Math.Clamp(
        room.Planned / 4 / (Float * config.DVocab), lengths.Count, SweepRun.MostLogits(config, lengths.Count, mostUnembeddingRows));

    /// <summary>Bytes of one full forward of the longest prompt, and of the activations that all unpatched runs keep, as the naive method has them.</summary>
    public long Naive => ForwardMemory.Of(config, longest, readsPattern)
        + Float * config.NLayers * sites.Select(site => site.Activation).Distinct().Sum(activation => lengths.Sum(length => ActivationSize.Of(activation, config, length)));

    // Each group takes the unpatched runs through the layers once more, and reads the weights: with less than a slice of rows it would cost more than it saves.
    private long SmallestGroup => Row(config, Math.Max(longest, LayerPass.MostPositions));

    /// <summary>What the unpatched runs keep of a layer: large activations only where a site reads them.</summary>
    private long Lanes => Float * Enum.GetValues<Activation>()
        .Where(activation => activation is not (Activation.Pattern or Activation.MlpPost) || sites.Any(site => site.Reads(activation)))
        .Sum(activation => lengths.Sum(length => ActivationSize.Of(activation, config, length)));

    /// <summary>What a layer computes for a slice of rows, and what the rows that join in it start with.</summary>
    private long Slice
    {
        get
        {
            var positions = Math.Min(Math.Max(longest, LayerPass.MostPositions * 3 / 2), 2 * lengths.Sum(length => (long)length) * config.NLayers);
            var starting = sites.Max(site => site.HasHeads ? 3L * site.Heads(config) : 2) * longest * config.DModel;
            return ForwardMemory.Layer(config, positions, ForwardMemory.Scores(config, positions, longest, readsPattern), positions) + Float * starting;
        }
    }

    private long Logits(long rows, long mostUnembeddingRows)
    {
        var at = Math.Min(rows, SweepRun.MostLogits(config, lengths.Count, mostUnembeddingRows));
        var parts = mostUnembeddingRows < config.DVocab ? mostUnembeddingRows * (config.DModel + at) : 0; // some rows of W_U, and their logits
        return Float * (at * config.DVocab + parts);
    }
}
