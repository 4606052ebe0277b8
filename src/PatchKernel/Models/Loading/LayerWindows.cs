using System.Text.Json;
using PatchKernel.Json;

namespace PatchKernel.Models;

/// <summary>Which layers have a window.</summary>
internal static class LayerWindows
{
    private const string Key = "layer_types", Slides = "sliding_attention", Full = "full_attention";

    /// <summary>The config with a window in some layers, and with another rotary embedding in some.</summary>
    /// <param name="config">The config.</param>
    /// <param name="window">How many keys a query sees; null for all, in every layer.</param>
    /// <param name="slides">Whether a layer has the window.</param>
    /// <param name="section">Its layer_types say it where they are there; null where nothing does.</param>
    /// <param name="rope">A layer's rotary embedding; null for the config's own in all.</param>
    public static ModelConfig WithWindow(this ModelConfig config, int? window, Func<int, bool> slides, ConfigSection? section = null, Func<int, RopeConfig?>? rope = null)
    {
        var some = Sliding(config, slides, section);
        if (section is not null && window is null && section.Find(Key) is not null && some.Contains(true))
            throw section.Wrong(Key, $"a layer of type {Slides} needs a sliding_window");
        LayerPositions[] layers = [.. some.Select((has, layer) => new LayerPositions(rope is null ? config.Rope : rope(layer), has ? window : null))];
        return layers.All(layer => layer == new LayerPositions(config.Rope, null)) ? config : config with { Parts = config.Parts with { Layers = new(layers) } };
    }

    /// <summary>Whether each layer has a window: by layer_types, or by the family's own rule.</summary>
    public static bool[] Sliding(ModelConfig config, Func<int, bool> slides, ConfigSection? section)
    {
        if (section?.Find(Key) is not { } types) return [.. Enumerable.Range(0, config.NLayers).Select(slides)];
        bool[] some = [.. types.AtMost(config.NLayers).Items().Select(type => type.Is(Slides) || (type.Is(Full) ? false : throw type.But($"only {Full} or {Slides} is supported")))];
        return some.Length == config.NLayers ? some : throw section.Wrong(Key, $"it must have {config.NLayers} entries, one a layer");
    }

    /// <summary>Whether layer_types says what is so without it, in a family that doesn't read it.</summary>
    public static bool Agrees(JsonPart part, ModelConfig config) =>
        part is { Key: Key, Element.ValueKind: JsonValueKind.Array } && part.Items().ToList() is { } types && types.Count == config.NLayers
        && types.Select((type, layer) => type.Is(config.PositionsOf(layer).Window is null ? Full : Slides)).All(same => same);
}
