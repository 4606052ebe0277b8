using System.Runtime.InteropServices;
using System.Text.Json;

namespace PatchKernel.Tests;

/// <summary>Reads the arrays of a golden safetensors file, with code of its own: it is what the product's reader is checked against.</summary>
internal sealed class GoldenArrays
{
    private readonly byte[] bytes;
    private readonly JsonElement header;
    private readonly int dataStart;

    public GoldenArrays(string path)
    {
        bytes = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToUInt64(bytes);
        header = JsonDocument.Parse(bytes.AsMemory(8, length)).RootElement;
        dataStart = 8 + length;
    }

    public IEnumerable<string> Names => header.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__");

    public int[] Shape(string name) => [.. header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    public float[] Floats(string name) => Read<float>(name, "F32");

    public byte[] Bytes(string name) => Read<byte>(name, "U8");

    public int[] Ids(string name) => [.. Read<long>(name, "I64").Select(id => (int)id)];

    private T[] Read<T>(string name, string dtype) where T : struct
    {
        var entry = header.GetProperty(name);
        Assert.Equal(dtype, entry.GetProperty("dtype").GetString());
        var offsets = entry.GetProperty("data_offsets");
        var (start, end) = (offsets[0].GetInt32(), offsets[1].GetInt32());
        return MemoryMarshal.Cast<byte, T>(bytes.AsSpan(dataStart + start, end - start)).ToArray();
    }
}
