using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The memory that a sweep takes beside the weights, told from the shape alone: each term says what it is.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="dtype">What matrices are multiplied in.</param>
/// <param name="site">What is patched.</param>
/// <param name="rows">The sweep's rows.</param>
/// <param name="rowsRead">Rows and lanes whose logits are computed.</param>
internal sealed class SweepMemory(LlamaConfig config, ScalarType dtype, Site site, SweepRows rows, long rowsRead)
{
    /// <summary>The largest tensor whose room glibc keeps when it is freed.</summary>
    public const long MostKeptTensor = 32 << 20;

    private const long Float = sizeof(float);
    private const long MostKept = 150_000_000;

    private readonly long dModel = config.DModel;
    private readonly long heads = (long)config.NHeads * config.DHead;
    private readonly long keys = (long)config.NKeyValueHeads * config.DHead;

    /// <summary>Bytes of all there is beside the weights.</summary>
    /// <remarks>
    /// Layers, logits and verification follow one another, but glibc keeps the room of what is freed, save of large tensors, and does so for each
    /// thread: so they are added, and as much again up to a bound that was measured.
    /// </remarks>
    /// <param name="mostUnembeddingRows">How many rows of the unembedding there are at once.</param>
    public long All(long mostUnembeddingRows)
    {
        var own = Layers + Logits(mostUnembeddingRows) + Widened;
        return own + Math.Min(own, MostKept);
    }

    /// <summary>A pass through the layers at its largest.</summary>
    private long Layers
    {
        get
        {
            var fullest = Math.Max(0, config.NLayers - 2); // behind it, in the last layer, rows have one position
            var entering = rows.Entering(fullest);
            var leaving = rows.Entering(Math.Min(fullest + 1, config.NLayers - 1));
            // Rows that join are put together with those of their start, which copies the stream that leaves the layer; the slices are done by then.
            return Float * dModel * (entering + leaving) + Math.Max(Float * dModel * leaving, Slices(fullest, entering));
        }
    }

    /// <summary>Bytes of the logits, and of the rows of the unembedding where they come in parts.</summary>
    public long Logits(long mostUnembeddingRows)
    {
        var at = Math.Min(rowsRead, SweepRun.MostLogits(config, SweepRows.Lanes, mostUnembeddingRows));
        var streams = 3 * Float * dModel * rowsRead; // the rows' own, all of them together, and normed
        var logits = Float * at * config.DVocab;
        return mostUnembeddingRows < config.DVocab
            ? streams + logits + Float * mostUnembeddingRows * (dModel + at) // a part's rows of W_U, and its logits
            : streams + logits;
    }

    /// <summary>One layer's weights in float32, where cells are compared with a run in it.</summary>
    private long Widened => dtype == ScalarType.Float32 ? 0 : Float * ModelTree.Of(config).ParametersPerLayer;

    /// <summary>The activations of a layer: of one slice of rows all, of the first also what the lanes' are views of.</summary>
    private long Slices(int layer, long entering)
    {
        var slice = Math.Max(Math.Min(entering, Wavefront.MostPositions), (long)SweepRows.Lanes * rows.Tokens);
        // Rows that join within the layer go through its MLP with the first slice.
        var joining = site.Stage is Stage.Mlp or Stage.MlpOutput ? rows.Joining(layer).Sum(row => (long)row.Count * row.Changed) : 0;
        // q and z; k, rotated k and v; attn_out and resid_mid; mlp_post, mlp_out and resid_post.
        var kept = slice * (2 * heads + 3 * keys + 2 * dModel) + (slice + joining) * (config.DMlp + 2 * dModel);
        // In the MLP: gate, its SiLU, in, and their product, over the stream and its norm. In attention: scores, scaled, masked, and the pattern.
        var temporary = (slice + joining) * Math.Max(4L * config.DMlp + 2 * dModel, 4L * config.NHeads * rows.Tokens);
        return Float * (kept + temporary);
    }
}
