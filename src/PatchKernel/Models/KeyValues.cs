using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Keys and values of the tokens that a model has read, so that the next token is computed alone.</summary>
internal sealed class KeyValues : IDisposable
{
    private readonly Tensor[] keys, values; // by layer, [most, n_kv_heads, d_head]; keys rotated
    private readonly int[] counts;

    /// <param name="model">The model; each layer's are on the layer's device.</param>
    /// <param name="most">Room for so many positions.</param>
    public KeyValues(LanguageModel model, int most)
    {
        var config = model.Config;
        counts = new int[config.NLayers];
        (keys, values) = (Room(), Room());

        Tensor[] Room() =>
        [
            .. Enumerable.Range(0, config.NLayers).Select(layer => empty(
                [most, config.NKeyValueHeads, config.DHead], ScalarType.Float32, model.DeviceMap.Layer(layer).RunsOn).DetachFromDisposeScope()),
        ];
    }

    /// <summary>Number of positions that every layer has.</summary>
    public int Count => counts[^1];

    /// <summary>What a layer has so far; views.</summary>
    public Earlier Of(int layer) => counts[layer] == 0 ? default
        : new Earlier(counts[layer], keys[layer].narrow(0, 0, counts[layer]), values[layer].narrow(0, 0, counts[layer]));

    /// <summary>Copies the keys and values of further positions, [positions, n_kv_heads, d_head].</summary>
    public void Add(int layer, Tensor turnedKeys, Tensor newValues)
    {
        using var scope = NewDisposeScope();
        var count = turnedKeys.shape[0];
        keys[layer].narrow(0, counts[layer], count).copy_(turnedKeys);
        values[layer].narrow(0, counts[layer], count).copy_(newValues);
        counts[layer] += (int)count;
    }

    /// <summary>Takes the last positions away again: what read them is done once more.</summary>
    public void Drop(int positions)
    {
        for (var layer = 0; layer < counts.Length; layer++) counts[layer] -= positions;
    }

    public void Dispose()
    {
        foreach (var room in (Tensor[])[.. keys, .. values]) room.Dispose();
    }
}
