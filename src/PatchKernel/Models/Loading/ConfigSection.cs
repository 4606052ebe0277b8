using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Models;

/// <summary>One object of config.json, which knows which of its keys were never read.</summary>
/// <remarks>A key whose value is null counts as absent, as transformers has it.</remarks>
internal sealed class ConfigSection(JsonPart part)
{
    /// <summary>Largest size that is accepted: products of two sizes then stay far below 2^63.</summary>
    public const int MaxSize = 1 << 24;

    /// <summary>The most layers that are believed.</summary>
    public const int MaxLayers = 4096;

    private readonly HashSet<string> read = [];

    /// <summary>Keys that were never read.</summary>
    public IEnumerable<JsonPart> Unread =>
        part.Members().Where(member => member.Element.ValueKind != JsonValueKind.Null && !read.Contains(member.Key));

    /// <summary>The value of a key, or null where it is absent.</summary>
    public JsonPart? Find(string key)
    {
        read.Add(key);
        return part.Find(key);
    }

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public int Size(string key, int? fallback = null, int max = MaxSize) => Find(key)?.Whole(1, max) ?? fallback ?? throw part.Missing(key);

    /// <summary>A number above 0, from <paramref name="least"/>.</summary>
    public double Positive(string key, double? fallback = null, double least = 0) => Find(key)?.AtLeast(least) ?? fallback ?? throw part.Missing(key);

    /// <summary>A number from 0, or above it, to 1.</summary>
    public double Share(string key, double fallback, double least = double.Epsilon)
    {
        if (Find(key) is not { } found) return fallback;
        return found.IsNumber(out var number) && number >= least && number <= 1 ? found.Element.GetDouble() : throw found.But("it must be a number from 0 to 1");
    }

    /// <summary>A number above 0, or null where the key says null; where it isn't there at all, the default.</summary>
    public double? NumberOrNone(string key, double? absent) => Find(key)?.Positive() ?? (part.Element.TryGetProperty(key, out _) ? null : absent);

    /// <summary>The number of keys that a query sees, or null for all; where the key isn't there, the default.</summary>
    public int? Window(int? absent) => Find("sliding_window")?.Whole(1, int.MaxValue) ?? (part.Element.TryGetProperty("sliding_window", out _) ? null : absent);

    /// <summary>The padding token, which the module tree shows.</summary>
    public int? Padding() => Find("pad_token_id") is { } id && id.Element.ValueKind == JsonValueKind.Number && id.Element.TryGetInt32(out var number) && number >= 0 ? number : null;

    /// <summary>One of some functions; the first is the default.</summary>
    public Nonlinearity Nonlinearity(string key, params Nonlinearity[] known) => Find(key) is not { } name ? known[0]
        : Array.Find(known, one => name.Is(one.Name)) ?? throw name.But($"only {string.Join(" or ", known.Select(one => Excerpt.Value(one.Name)))} is supported");

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback) => Find(key)?.Flag() ?? fallback;

    /// <summary>An object inside this one, or null where the key is absent.</summary>
    public ConfigSection? Section(string key) => Find(key) is { } inner ? new(inner) : null;

    /// <summary>The error of a key whose value can't stand.</summary>
    public PatchKernelException Wrong(string key, string why) => part.Require(key).But(why);

    /// <summary>The error of the whole object.</summary>
    public PatchKernelException But(string why) => part.But(why);

    /// <summary>The error for a missing key.</summary>
    public PatchKernelException Missing(string key) => part.Missing(key);
}
