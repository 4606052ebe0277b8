using System.Globalization;
using System.Text.Json;

namespace PatchKernel;

/// <summary>One object of config.json: gives checked values by key, and knows which keys nobody asked for.</summary>
/// <remarks>A key whose value is null counts as absent, as transformers has it.</remarks>
internal sealed class ConfigSection(JsonElement json, string file, string prefix = "")
{
    /// <summary>Largest size that is believed: products of two sizes then stay far below 2^63.</summary>
    private const int MaxSize = 1 << 24;

    private readonly Dictionary<string, JsonElement> values = json.EnumerateObject()
        .Where(entry => entry.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(entry => entry.Name, entry => entry.Value);

    private readonly HashSet<string> read = [];

    /// <summary>Keys that nobody asked for.</summary>
    public IEnumerable<string> Unread => values.Keys.Where(key => !read.Contains(key));

    /// <summary>Whether the key is there, with a value.</summary>
    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>A key's value as it stands in the file, cut where it is long.</summary>
    public string Raw(string key) => Excerpt.Text(values[key].GetRawText());

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public int Size(string key, int? fallback = null, int max = MaxSize)
    {
        if (Find(key) is not { } value) return fallback ?? throw Missing(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var size) && size >= 1 && size <= max
            ? size
            : throw Wrong(key, $"must be a whole number from 1 to {max.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>A finite number above 0.</summary>
    public double Positive(string key, double? fallback = null)
    {
        if (Find(key) is not { } value) return fallback ?? throw Missing(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number > 0
            ? number
            : throw Wrong(key, "must be a number above 0");
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback) => Find(key)?.ValueKind switch
    {
        null => fallback,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, "must be true or false"),
    };

    /// <summary>A text, or null where the key is absent.</summary>
    public string? Text(string key)
    {
        if (Find(key) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, "must be a text");
    }

    /// <summary>An object inside this one, or null where the key is absent.</summary>
    public ConfigSection? Section(string key)
    {
        if (Find(key) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object ? new ConfigSection(value, file, $"{prefix}{key}.") : throw Wrong(key, "must be an object");
    }

    /// <summary>Whether a value is the given text, number or truth value.</summary>
    public bool Equals(string key, object accepted) => (values[key].ValueKind, accepted) switch
    {
        (JsonValueKind.String, string text) => values[key].GetString() == text,
        (JsonValueKind.Number, int number) => values[key].TryGetDouble(out var value) && value == number,
        (JsonValueKind.True, true) or (JsonValueKind.False, false) => true,
        _ => false,
    };

    /// <summary>Whether a value is an object.</summary>
    public bool IsObject(string key) => values[key].ValueKind == JsonValueKind.Object;

    /// <summary>The error of a key that has to be there.</summary>
    public PatchKernelException Missing(string key) => new($"'{file}' has no {prefix}{key}, which a Llama model needs.");

    /// <summary>The error of a key whose value can't stand, with that value.</summary>
    public PatchKernelException Wrong(string key, string what) => new($"In '{file}' {prefix}{key} is {Raw(key)}, but {what}.");

    /// <summary>The warning of a key that means nothing here.</summary>
    public string Unknown(string key) =>
        $"'{file}' has the unknown key {prefix}{Excerpt.Text(key)} ({Raw(key)}): "
        + "if it changes the computation, results differ from the original model's.";

    private JsonElement? Find(string key)
    {
        read.Add(key);
        return values.TryGetValue(key, out var value) ? value : null;
    }
}
