using PatchKernel.Models;

namespace PatchKernel.Circuits;

/// <summary>How many runs' gradients are taken together, and how.</summary>
/// <param name="Runs">Runs that go through the layers side by side.</param>
/// <param name="KeepsGraphs">Whether every layer's graph stays in memory from the forward to the backward.</param>
internal sealed record EdgeBatches(int Runs, bool KeepsGraphs)
{
    // Where weights stay in memory, more runs side by side gain nothing once their rows outweigh the weights.
    private const int MostRows = 512;

    private const long MostBytes = 1L << 30;

    /// <summary>Plans with the memory that there is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="length">Each run's tokens.</param>
    /// <param name="given">Bytes that the user allows; null for what is free.</param>
    public static EdgeBatches Of(LanguageModel model, EdgeGraph graph, int length, long? given)
    {
        var (config, room) = (model.Config, MemoryRoom.Of(model, given));
        var isHome = model.DeviceMap.Parts.All(part => part.Home == WeightHome.Device);
        // A forward's worth of a layer and its gradients; its receivers' gradients, as they are and before the norm; the streams between layers; both runs' senders.
        var layer = 4 * ForwardMemory.Layer(config, length, (long)config.NHeads * length * length, length);
        var others = sizeof(float) * (long)length * config.DModel * (4 * graph.ReceiversPerLayer + config.NLayers + 2 * graph.Senders.Count);
        var planned = isHome ? Math.Min(room.Planned, MostBytes) : room.Planned;
        var keeps = isHome && config.NLayers * layer + others <= room.Planned;
        var each = (keeps ? config.NLayers * layer : layer) + others;
        return new((int)Math.Clamp(planned / each, 1, Math.Max(1, MostRows / length)), keeps);
    }

    /// <summary>How many pairs go together, each with all of its points where that is possible.</summary>
    /// <param name="points">The points of a pair.</param>
    public int Pairs(int points) => Math.Max(1, Runs / points);
}
