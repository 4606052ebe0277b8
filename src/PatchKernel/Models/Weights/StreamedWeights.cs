using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Reads each layer from the checkpoint when the pass reaches it, the next one while this one computes; two layers are in memory at most.</summary>
internal sealed class StreamedWeights : IWeightSource
{
    /// <summary>Bounds the rows of a vocabulary matrix that are in memory as float32 at once.</summary>
    public const long MostRows = 8192;

    private readonly LlamaConfig config;
    private readonly WeightReader read;
    private readonly RowReader readRows;
    private readonly ScalarType dtype;
    private (int Layer, Task<LayerWeights> Weights)? ahead;

    /// <param name="config">The model's shape.</param>
    /// <param name="read">Reads one weight, on any thread.</param>
    /// <param name="readRows">Reads some of a matrix's rows.</param>
    /// <param name="dtype">The compute dtype.</param>
    public StreamedWeights(LlamaConfig config, WeightReader read, RowReader readRows, ScalarType dtype)
    {
        (this.config, this.read, this.readRows, this.dtype) = (config, read, readRows, dtype);
        FinalNorm = read(WeightLayout.FinalNorm(config), ScalarType.Float32);
    }

    public Tensor FinalNorm { get; }

    /// <summary>Whether a layer was read ahead that no pass has taken yet.</summary>
    public bool HasReadAhead => ahead is not null;

    public long MostUnembeddingRows => MostRows;

    public Lease Layer(int layer)
    {
        if (ahead?.Layer != layer) EndPass();
        var weights = (ahead?.Weights ?? Read(layer)).GetAwaiter().GetResult();
        ahead = layer + 1 < config.NLayers ? (layer + 1, Read(layer + 1)) : null;
        return new Lease(weights, owned: true);
    }

    public Tensor EmbeddingRows(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        var distinct = ids.Distinct().Order().ToArray();
        var rows = cat([.. distinct.Select(id => readRows(WeightLayout.Embedding(config), id, 1, ScalarType.Float32))]);
        return scope.MoveToOuter(rows.index_select(0, tensor([.. ids.Select(id => (long)Array.IndexOf(distinct, id))], device: rows.device)));
    }

    public Tensor UnembeddingRows(long from, long count) => readRows(WeightLayout.Unembedding(config), from, count, ScalarType.Float32);

    public void EndPass()
    {
        if (ahead is not { } pending) return;
        ahead = null;
        try
        {
            pending.Weights.GetAwaiter().GetResult().Dispose();
        }
        catch (PatchKernelException)
        {
            // Nobody asked for this layer yet; who does, reads it again and is told.
        }
    }

    public void Dispose()
    {
        EndPass();
        FinalNorm.Dispose();
    }

    private Task<LayerWeights> Read(int layer) => Task.Run(() => LayerWeights.Read(config, layer, read, dtype));
}

/// <summary>Hands over some rows of a matrix in the given dtype; owned by the caller's dispose scope.</summary>
internal delegate Tensor RowReader(WeightSpec weight, long from, long count, ScalarType dtype);
