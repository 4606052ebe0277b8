using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace PatchKernel.Safetensors;

/// <summary>Writes safetensors files, laid out as the reference implementation does.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const long ChunkElements = 1 << 24; // a span holds fewer than 2^31 bytes

    /// <summary>Writes tensors to a file, whole or not at all.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="tensors">Tensors by name, float32, float16, bfloat16 or int64, on any device; they stay the caller's.</param>
    /// <exception cref="PatchKernelException">A tensor has another dtype, or the file can't be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var ordered = Order(tensors);
        AtomicFile.Write(path, file =>
        {
            WriteHeader(file, ordered);
            foreach (var (_, _, tensor) in ordered) WriteData(file, tensor);
        });
    }

    /// <summary>Wider dtypes first, so that every tensor's data are aligned; then by name.</summary>
    private static List<(string Name, SafetensorsDtype Dtype, Tensor Tensor)> Order(IReadOnlyDictionary<string, Tensor> tensors) =>
        [.. tensors
            .Select(entry => (entry.Key, Dtype: DtypeOf(entry.Key, entry.Value), entry.Value))
            .OrderByDescending(entry => entry.Dtype.Bits).ThenBy(entry => entry.Key, StringComparer.Ordinal)];

    private static SafetensorsDtype DtypeOf(string name, Tensor tensor) => SafetensorsDtype.Of(tensor.dtype)
        ?? throw new PatchKernelException($"The tensor '{name}' is {tensor.dtype}; only float32, float16, bfloat16 and int64 can be written.");

    private static void WriteHeader(Stream file, List<(string Name, SafetensorsDtype Dtype, Tensor Tensor)> tensors)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            var offset = 0L;
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt"); // transformers refuses a file that doesn't say so
            json.WriteEndObject();
            foreach (var (name, dtype, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", dtype.Name);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [offset, offset += tensor.numel() * (dtype.Bits / 8)]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (header.Length % Alignment != 0) header.WriteByte((byte)' ');

        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        header.WriteTo(file);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, long[] numbers)
    {
        json.WriteStartArray(key);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void WriteData(Stream file, Tensor tensor)
    {
        if (tensor.numel() == 0) return;
        using var scope = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        for (var start = 0L; start < flat.shape[0]; start += ChunkElements)
        {
            using var part = flat.narrow(0, start, Math.Min(ChunkElements, flat.shape[0] - start));
            file.Write(part.bytes);
        }
    }
}
