using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Safetensors;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Dtype">The dtype that it is stored in.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">Where its bytes begin in the data section.</param>
/// <param name="End">Where they end.</param>
internal sealed record StoredTensor(string Name, SafetensorsDtype Dtype, long[] Shape, long Begin, long End)
{
    /// <summary>Number of bytes.</summary>
    public long Bytes => End - Begin;
}

/// <summary>The header of a safetensors file; every number in it is checked first.</summary>
/// <remarks>
/// The rules are those of the reference implementation (huggingface/safetensors): no key twice, known dtypes, shape × size = byte range,
/// and the data section is covered from its first byte to its last, without overlap or hole.
/// </remarks>
internal static class SafetensorsHeader
{
    /// <summary>Longest header that the reference implementation reads, in bytes.</summary>
    public const long MaxBytes = 100_000_000;

    private const int MaxRank = 64; // libtorch's own limit
    private const int MaxTensors = 1 << 16;
    private const string MetadataKey = "__metadata__";

    /// <summary>The tensors of a header, in the order in which their data lie.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataBytes">Length of what follows it in the file.</param>
    /// <param name="path">Names the file in errors.</param>
    /// <exception cref="PatchKernelException">The header breaks one of the format's rules.</exception>
    public static IReadOnlyList<StoredTensor> Parse(ReadOnlyMemory<byte> json, long dataBytes, string path)
    {
        var tensors = JsonFile.Parse(json, $"The header of '{path}'", header => ParseTensors(header, path));
        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        CheckCoverage(tensors, dataBytes, path);
        return tensors;
    }

    private static List<StoredTensor> ParseTensors(JsonElement header, string path)
    {
        var count = header.GetPropertyCount();
        if (count > MaxTensors) throw new PatchKernelException($"'{path}' has {count} tensors, and {MaxTensors} are the most that is believed.");
        var tensors = new List<StoredTensor>();
        foreach (var entry in header.EnumerateObject())
            if (entry.Name == MetadataKey) CheckMetadata(entry.Value, path);
            else tensors.Add(ParseTensor(entry.Name, entry.Value, path));
        return tensors;
    }

    private static void CheckMetadata(JsonElement metadata, string path)
    {
        if (metadata.ValueKind == JsonValueKind.Null) return;
        if (metadata.ValueKind != JsonValueKind.Object || metadata.EnumerateObject().Any(entry => entry.Value.ValueKind != JsonValueKind.String))
            throw new PatchKernelException($"The {MetadataKey} in the header of '{path}' isn't an object of strings.");
    }

    private static StoredTensor ParseTensor(string name, JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Broken(path, name, "isn't described by an object");
        if (!json.TryGetProperty("dtype", out var dtypeName) || dtypeName.ValueKind != JsonValueKind.String)
            throw Broken(path, name, "has no dtype");
        var dtype = SafetensorsDtype.Of(dtypeName.GetString()!)
            ?? throw Broken(path, name, $"has the dtype {Excerpt.Text(dtypeName.GetRawText())}, which the format doesn't know");

        if (WholeNumbers(json, "shape") is not { } shape) throw Broken(path, name, "has no shape of whole numbers");
        if (shape.Length > MaxRank) throw Broken(path, name, $"has {shape.Length} axes, more than {MaxRank}");
        if (WholeNumbers(json, "data_offsets") is not [var begin, var end] || end < begin)
            throw Broken(path, name, "has no data_offsets of a beginning and an end");

        if (ByteCount(shape, dtype.Bits) is not { } bytes)
            throw Broken(path, name, $"has a shape, {Excerpt.Shape(shape)}, that no whole number of bytes can hold");
        if (bytes != end - begin)
            throw Broken(path, name, $"needs {bytes} bytes for {dtype.Name} {Excerpt.Shape(shape)} but has {end - begin}");
        return new StoredTensor(name, dtype, shape, begin, end);
    }

    private static long[]? WholeNumbers(JsonElement json, string key)
    {
        if (!json.TryGetProperty(key, out var array) || array.ValueKind != JsonValueKind.Array) return null;
        var numbers = new long[array.GetArrayLength()];
        var i = 0;
        foreach (var element in array.EnumerateArray())
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out numbers[i]) || numbers[i++] < 0) return null;
        return numbers;
    }

    /// <summary>Bytes of a tensor; null if the product overflows, even beside an axis of size 0, or isn't whole bytes.</summary>
    private static long? ByteCount(long[] shape, int bits)
    {
        Int128 total = bits;
        foreach (var size in shape)
        {
            total *= Math.Max(size, 1); // both factors are below 2^63, so the product fits
            if (total > long.MaxValue) return null;
        }
        if (shape.Contains(0)) return 0;
        return total % 8 == 0 ? (long)(total / 8) : null;
    }

    private static void CheckCoverage(List<StoredTensor> tensors, long dataBytes, string path)
    {
        StoredTensor? previous = null;
        foreach (var tensor in tensors)
        {
            var expected = previous?.End ?? 0;
            if (tensor.End > dataBytes)
                throw Broken(path, tensor.Name, $"ends at byte {tensor.End} of the data, and there are only {dataBytes}: the file is cut off, get it again");
            if (tensor.Begin < expected) throw Broken(path, tensor.Name, $"overlaps the tensor '{Excerpt.Text(previous!.Name)}'");
            if (tensor.Begin > expected) throw Broken(path, tensor.Name, $"leaves a hole of {tensor.Begin - expected} bytes in front of it");
            previous = tensor;
        }
        var covered = previous?.End ?? 0;
        if (covered != dataBytes)
            throw new PatchKernelException(
                $"'{path}' has {Excerpt.Count(dataBytes - covered, "byte")} after its last tensor: it isn't a safetensors file, or it is damaged.");
    }

    private static PatchKernelException Broken(string path, string tensor, string what) =>
        new($"In '{path}' the tensor '{Excerpt.Text(tensor)}' {what}.");
}
