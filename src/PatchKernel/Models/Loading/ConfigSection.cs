using System.Text.Json;
using PatchKernel.Json;

namespace PatchKernel.Models;

/// <summary>One object of config.json, which knows which of its keys were never read.</summary>
/// <remarks>A key whose value is null counts as absent, as transformers has it.</remarks>
internal sealed class ConfigSection(JsonPart part)
{
    /// <summary>Largest size that is accepted: products of two sizes then stay far below 2^63.</summary>
    private const int MaxSize = 1 << 24;

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

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback) => Find(key)?.Flag() ?? fallback;

    /// <summary>An object inside this one, or null where the key is absent.</summary>
    public ConfigSection? Section(string key) => Find(key) is { } inner ? new(inner) : null;

    /// <summary>The error of a key whose value can't stand.</summary>
    public PatchKernelException Wrong(string key, string why) => part.Require(key).But(why);

    /// <summary>The error for a missing key.</summary>
    public PatchKernelException Missing(string key) => part.Missing(key);
}
