using System.Text.Json;

namespace PatchKernel;

/// <summary>A part of a result file that knows its own name, so that a complaint can say where.</summary>
internal readonly record struct ResultPart(JsonElement Element, string Path, string Key)
{
    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public bool IsNull => Element.ValueKind == JsonValueKind.Null;

    public IEnumerable<string> Names => Element.EnumerateObject().Select(member => member.Name);

    /// <summary>A member, which has to be there.</summary>
    public ResultPart this[string name]
    {
        get
        {
            if (!IsObject) throw Error("should be an object");
            var key = Key == "" ? name : $"{Key}.{name}";
            return Element.TryGetProperty(name, out var member)
                ? new(member, Path, key)
                : throw new PatchKernelException($"The result file '{Path}' has no \"{key}\".");
        }
    }

    public bool Has(string name) => Element.TryGetProperty(name, out _);

    public string Text() => TextOrNull() ?? throw Error("should be a text");

    public string? TextOrNull() => Element.ValueKind switch
    {
        JsonValueKind.String => Element.GetString(),
        JsonValueKind.Null => null,
        _ => throw Error("should be a text"),
    };

    public int Whole() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value)
        ? value
        : throw Error("should be a whole number");

    public float Number() => Element.ValueKind == JsonValueKind.Number && Element.TryGetSingle(out var value) && float.IsFinite(value)
        ? value
        : throw Error("should be a number that fits float32");

    /// <summary>A flat array of numbers; null where it is something else.</summary>
    public float[]? Numbers()
    {
        if (Element.ValueKind != JsonValueKind.Array) return null;
        var numbers = new List<float>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetSingle(out var value) || !float.IsFinite(value)) return null;
            numbers.Add(value);
        }
        return [.. numbers];
    }

    public IEnumerable<ResultPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array) throw Error("should be an array");
        var part = this;
        return Element.EnumerateArray().Select((item, i) => new ResultPart(item, part.Path, $"{part.Key}[{i}]"));
    }

    /// <summary>A name that is looked up; an unknown one is told with its file.</summary>
    public T Named<T>(Func<string, T> parse)
    {
        try
        {
            return parse(Text());
        }
        catch (PatchKernelException e)
        {
            throw new PatchKernelException($"The result file '{Path}' can't be read: {e.Message}", e);
        }
    }

    public PatchKernelException Error(string complaint) => new($"The result file '{Path}' is wrong: \"{Key}\" {complaint}.");
}
