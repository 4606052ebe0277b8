using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>A model's weights, each part at home where the device map has it, and handed over on the device that computes it.</summary>
/// <remarks>
/// A layer that isn't at home on its device is brought there when a pass reaches it, the next one while this one computes: two of them are there at
/// most, and each is read once a pass.
/// </remarks>
internal sealed class PlacedWeights : IWeightSource
{
    /// <summary>Bounds the rows of a vocabulary matrix that are on a device as float32 at once.</summary>
    public const long MostRows = 8192;

    private readonly ModelConfig config;
    private readonly WeightReader read;
    private readonly RowReader readRows;
    private readonly ScalarType dtype;
    private readonly LayerWeights?[] layers;
    private readonly Tensor? embedding;   // W_E, [d_vocab, d_model]; null where it stays in the checkpoint
    private readonly LayerWeights? ends; // the final norm, and the table of positions
    private readonly Tensor? unembedding; // W_U, [d_vocab, d_model]; the embedding itself where the two are tied
    private (int Layer, Task<LayerWeights> Weights)? ahead;
    private int last = -1; // the layer that the pass asked for before; -1 where it begins

    /// <param name="config">The model's shape.</param>
    /// <param name="map">The home and the device of every part.</param>
    /// <param name="read">Reads one weight, on any thread.</param>
    /// <param name="readRows">Reads some of a matrix's rows; asked only for what the map leaves on disk.</param>
    /// <param name="dtype">The compute dtype.</param>
    public PlacedWeights(ModelConfig config, DeviceMap map, WeightReader read, RowReader readRows, ScalarType dtype)
    {
        (this.config, Map, this.read, this.readRows, this.dtype) = (config, map, read, readRows, dtype);
        layers = new LayerWeights?[config.NLayers];
        try
        {
            embedding = Kept(WeightLayout.Embedding(config), map.Embedding);
            for (var layer = 0; layer < config.NLayers; layer++)
                layers[layer] = map.Layer(layer).Home == WeightHome.Disk ? null : Read(layer, HomeOf(map.Layer(layer)));
            ends = LayerWeights.Read(config, [.. WeightLayout.Positions(config), .. WeightLayout.FinalNorm(config)], ReadEnd, ScalarType.Float32);
            unembedding = config.TiedEmbeddings ? embedding : Kept(WeightLayout.Unembedding(config), map.Head);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Every weight on the CPU.</summary>
    public static PlacedWeights OnCpu(ModelConfig config, Func<WeightSpec, ScalarType, Tensor> read, ScalarType dtype) => new(
        config, DeviceMap.Whole(ModelParts.Of(config, dtype), WeightHome.Device, CPU), (weight, wanted, _) => read(weight, wanted),
        (_, _, _, _, _) => throw new NotSupportedException("Every row is in memory."), dtype);

    public Norm FinalNorm => ends!.NormOf(config, Slot.FinalNorm)!;

    public Tensor? Positions => config.Has(Slot.Positions) ? ends![Slot.Positions].Weight : null;

    // Rows that need no conversion and no move come all at once.
    public long MostUnembeddingRows =>
        Map.Head.Home == WeightHome.Device && unembedding!.dtype == ScalarType.Float32 ? config.DVocab : Math.Min(MostRows, config.DVocab);

    public DeviceMap Map { get; }

    /// <summary>Whether a layer was brought in ahead that no pass has taken yet.</summary>
    public bool HasReadAhead => ahead is not null;

    public Lease Layer(int layer)
    {
        if (ahead?.Layer != layer) LetGo();
        var weights = IsPassing(layer) ? (ahead?.Weights ?? Bring(layer)).GetAwaiter().GetResult() : layers[layer]!;
        var next = layer < last ? layer - 1 : layer + 1; // a gradient goes back through the layers
        (last, ahead) = (layer, next >= 0 && next < config.NLayers && IsPassing(next) ? (next, Bring(next)) : null);
        return new Lease(weights, Owned: IsPassing(layer));
    }

    public Tensor EmbeddingRows(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        var device = Map.Layer(0).RunsOn;
        if (embedding is not null)
            return scope.MoveToOuter(embedding.index_select(0, tensor(ids.ToArray(), device: embedding.device)).to(ScalarType.Float32).to(device));
        var distinct = ids.Distinct().Order().ToArray();
        var runs = distinct.Index().GroupBy(id => id.Item - id.Index, id => id.Item); // ids that follow one another, together
        var rows = cat([.. runs.Select(run => readRows(WeightLayout.Embedding(config), run.First(), run.Count(), ScalarType.Float32, device))]);
        return scope.MoveToOuter(rows.index_select(0, tensor([.. ids.Select(id => (long)Array.BinarySearch(distinct, id))], device: device)));
    }

    public Tensor UnembeddingRows(long from, long count)
    {
        if (unembedding is null) return readRows(WeightLayout.Unembedding(config), from, count, ScalarType.Float32, Map.Head.RunsOn);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(unembedding.narrow(0, from, count).to(Map.Head.RunsOn).to(ScalarType.Float32));
    }

    public void EndPass()
    {
        last = -1;
        LetGo();
    }

    public void Dispose()
    {
        EndPass();
        embedding?.Dispose();
        ends?.Dispose(); // null where the constructor failed
        unembedding?.Dispose();
        foreach (var layer in layers) layer?.Dispose();
    }

    private void LetGo()
    {
        if (ahead is not { } pending) return;
        ahead = null;
        try
        {
            pending.Weights.GetAwaiter().GetResult().Dispose();
        }
        catch (Exception)
        {
            // Nobody asked for this layer yet; who does, reads it again and is told. Whatever ends the pass goes on.
        }
    }

    private bool IsPassing(int layer) => Map.Layer(layer).Home != WeightHome.Device;

    private Task<LayerWeights> Bring(int layer)
    {
        var device = Map.Layer(layer).RunsOn;
        // On a thread of its own: glibc keeps what a thread freed for that thread, and hands it on when the thread ends. The pool's threads don't end.
        return Task.Factory.StartNew(
            () => layers[layer]?.Copy(weight => weight.to(device, copy: true).DetachFromDisposeScope()) ?? Read(layer, device),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private LayerWeights Read(int layer, Device device) => LayerWeights.Read(config, layer, (weight, wanted) => read(weight, wanted, device), dtype);

    private Tensor ReadEnd(WeightSpec weight, ScalarType wanted) => read(weight, wanted, weight.Holds[0] == Slot.Positions ? Map.Layer(0).RunsOn : Map.Head.RunsOn);

    private Tensor? Kept(WeightSpec weight, PlacedPart part) => part.Home == WeightHome.Disk ? null : read(weight, dtype, HomeOf(part));

    private static Device HomeOf(PlacedPart part) => part.Home == WeightHome.Device ? part.RunsOn : CPU;
}

/// <summary>Hands over one weight in the given dtype on the given device; the caller owns the tensor, which no dispose scope holds.</summary>
internal delegate Tensor WeightReader(WeightSpec weight, ScalarType dtype, Device device);

/// <summary>Hands over some rows of a matrix; owned by the caller's dispose scope.</summary>
internal delegate Tensor RowReader(WeightSpec weight, long from, long count, ScalarType dtype, Device device);
