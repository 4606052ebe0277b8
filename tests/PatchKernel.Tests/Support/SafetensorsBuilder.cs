using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>Safetensors files by hand: right ones, and wrong ones in any way that a test wants.</summary>
internal sealed class SafetensorsBuilder
{
    private readonly JsonObject header = [];
    private readonly List<byte> data = [];

    /// <summary>Adds a tensor behind those that are there.</summary>
    public SafetensorsBuilder Add(string name, string dtype, long[] shape, byte[] bytes)
    {
        header[name] = new JsonObject
        {
            ["dtype"] = dtype,
            ["shape"] = new JsonArray([.. shape.Select(size => JsonValue.Create(size))]),
            ["data_offsets"] = new JsonArray(data.Count, data.Count + bytes.Length),
        };
        data.AddRange(bytes);
        return this;
    }

    /// <summary>Adds a tensor of zeros.</summary>
    public SafetensorsBuilder AddZeros(string name, string dtype, int bytesEach, params long[] shape) =>
        Add(name, dtype, shape, new byte[shape.Aggregate(1L, (a, b) => a * b) * bytesEach]);

    /// <summary>The file's bytes.</summary>
    public byte[] Build() => Raw(header.ToJsonString(), data.ToArray());

    /// <summary>A file of any header text and any data, and, where it isn't the header's own, any announced length.</summary>
    public static byte[] Raw(string header, byte[] data, ulong? announced = null)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, announced ?? (ulong)text.Length);
        return [.. length, .. text, .. data];
    }
}
