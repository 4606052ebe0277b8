using PatchKernel.Files;
using PatchKernel.Text;

namespace PatchKernel.Gguf;

/// <summary>A tensor of a GGUF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape, in PyTorch's order: the last axis lies contiguously.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="Offset">Where its bytes begin in the data section.</param>
/// <param name="Bytes">Number of its bytes.</param>
internal sealed record GgufTensor(string Name, long[] Shape, GgufType Type, long Offset, long Bytes)
{
    /// <summary>Number of bytes from one entry of the first axis to the next.</summary>
    public long RowBytes => Bytes / Shape[0];
}

/// <summary>The header of a GGUF file; every number in it is checked first.</summary>
/// <remarks>
/// The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Beyond its rules the tensors cover the data section from its first byte to its
/// last, each filled up to the alignment but perhaps the last one, without overlap or hole; llama.cpp writes no other files.
/// </remarks>
/// <param name="Metadata">The metadata.</param>
/// <param name="Tensors">The tensors, in the order of the header.</param>
/// <param name="DataStart">Where the data section begins in the file.</param>
internal sealed record GgufHeader(GgufMetadata Metadata, IReadOnlyList<GgufTensor> Tensors, long DataStart)
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const string AlignmentKey = "general.alignment";
    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;
    private const int MaxRank = 4;
    private const int MaxKeys = 1 << 16;
    private const int MaxTensors = 1 << 17;
    private const int LongestKey = 65_535;
    private const int LongestName = 255;
    private const int LeastKeyBytes = 13;     // an empty key, a kind and one byte
    private const int LeastTensorBytes = 32;  // an empty name, one axis, a type and an offset

    /// <summary>Reads the header of an open file.</summary>
    /// <exception cref="PatchKernelException">It breaks one of the format's rules, or the architecture or a type isn't supported.</exception>
    /// <param name="stream">The file.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <param name="accept">Looks at the metadata before the tensors are read, and throws where the model can't be run; null for nobody.</param>
    public static GgufHeader Read(FileStream stream, string path, Action<GgufMetadata>? accept)
    {
        var reader = new GgufReader(stream, path);
        CheckVersion(reader, stream);
        var tensorCount = Bounded(reader.Count(LeastTensorBytes, "tensors"), MaxTensors, "tensors", path);
        var keyCount = Bounded(reader.Count(LeastKeyBytes, "keys"), MaxKeys, "keys", path);
        var values = new Dictionary<string, GgufValue>();
        for (var i = 0; i < keyCount; i++)
        {
            var key = reader.Text("a key", LongestKey);
            if (!values.TryAdd(key, GgufValue.Read(reader))) throw new PatchKernelException($"'{path}' has the key {Excerpt.Text(key)} twice: it is damaged.");
        }
        var metadata = new GgufMetadata(path, stream.SafeFileHandle, values);
        // First: another architecture's types and tensors mean nothing here. A later part of a split model says nothing of it.
        if (GgufSplit.Of(metadata) is null or { Number: 0 }) accept?.Invoke(metadata);

        var alignment = Alignment(metadata);
        var tensors = new List<GgufTensor>();
        for (var i = 0; i < tensorCount; i++) tensors.Add(ReadTensor(reader));
        var dataStart = Aligned(reader.Position, alignment);
        CheckPlaces(tensors, alignment, stream.Length - dataStart, path);
        return new GgufHeader(metadata, tensors, dataStart);
    }

    private static void CheckVersion(GgufReader reader, FileStream stream)
    {
        if (reader.Remaining < sizeof(uint) || reader.UInt32() != Magic)
            throw new PatchKernelException(OtherFormat.Of(stream) is { } what
                ? $"'{reader.Path}' {what}."
                : $"'{reader.Path}' isn't a GGUF file: it doesn't begin with the letters GGUF.");
        var version = reader.UInt32();
        if (version is not (2 or 3))
            throw new PatchKernelException(version != 0 && (version & 0xFFFF) == 0
                ? $"'{reader.Path}' is a big-endian GGUF file; only little-endian ones are supported."
                : $"'{reader.Path}' is a GGUF file of version {version}; only 2 and 3 are supported.");
    }

    private static int Bounded(long count, int most, string what, string path) => count <= most
        ? (int)count
        : throw new PatchKernelException($"'{path}' has {count} {what}, and {most} are the most that is believed.");

    private static int Alignment(GgufMetadata metadata)
    {
        var alignment = metadata.Size(AlignmentKey, DefaultAlignment, MaxAlignment);
        return int.IsPow2(alignment) ? alignment : throw metadata.Wrong(AlignmentKey, "it must be a power of two");
    }

    private static GgufTensor ReadTensor(GgufReader reader)
    {
        var (path, name) = (reader.Path, reader.Text("a tensor's name", LongestName));
        var rank = reader.UInt32();
        if (rank is < 1 or > MaxRank) throw Broken(path, name, $"has {rank} axes, not 1 to {MaxRank}");
        var sizes = new ulong[rank];
        for (var axis = 0; axis < rank; axis++) sizes[axis] = reader.UInt64();
        var (id, offset) = (reader.UInt32(), reader.UInt64());

        var type = GgufType.Of(id) ?? throw Broken(path, name, $"is stored as {GgufType.NameOf(id)}; only {GgufType.Supported} are supported");
        if (Elements(sizes) is not { } elements) throw Broken(path, name, $"has axes of {string.Join(", ", sizes)}, whose product can't be");
        var shape = sizes.Reverse().Select(size => (long)size).ToArray();
        if (shape[^1] % type.BlockElements != 0)
            throw Broken(path, name, $"has rows of {shape[^1]} entries, and {type.Name} stores them by {type.BlockElements}");
        if (offset > long.MaxValue) throw Broken(path, name, $"begins at byte {offset}");
        return new GgufTensor(name, shape, type, (long)offset, elements / type.BlockElements * type.BlockBytes);
    }

    /// <summary>Bytes of a tensor; null if an axis is empty or a file couldn't have so many.</summary>
    private static long? Elements(ulong[] sizes)
    {
        UInt128 product = 1;
        foreach (var size in sizes)
        {
            product *= size; // both factors are below 2^64
            if (product == 0 || product > long.MaxValue / 8) return null;
        }
        return (long)product;
    }

    private static void CheckPlaces(List<GgufTensor> tensors, int alignment, long dataBytes, string path)
    {
        if (tensors.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Broken(path, twice.Key, "is there twice");
        foreach (var tensor in tensors)
        {
            if (tensor.Offset % alignment != 0)
                throw Broken(path, tensor.Name, $"begins at byte {tensor.Offset} of the data, which is no multiple of the alignment, {alignment}");
            if (tensor.Offset > dataBytes || tensor.Bytes > dataBytes - tensor.Offset)
                throw Broken(path, tensor.Name, $"needs {tensor.Bytes} bytes from byte {tensor.Offset} of the data, "
                    + $"and there are only {Math.Max(dataBytes, 0)}: the file is cut off, get it again");
        }
        CheckCoverage(tensors, alignment, dataBytes, path);
    }

    private static void CheckCoverage(List<GgufTensor> tensors, int alignment, long dataBytes, string path)
    {
        GgufTensor? previous = null;
        var covered = 0L; // up to the alignment
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset))
        {
            if (tensor.Offset < covered) throw Broken(path, tensor.Name, $"overlaps the tensor '{Excerpt.Text(previous!.Name)}'");
            if (tensor.Offset > covered) throw Broken(path, tensor.Name, $"leaves a hole of {tensor.Offset - covered} bytes in front of it");
            covered = Aligned(tensor.Offset + tensor.Bytes, alignment);
            previous = tensor;
        }
        if (dataBytes > covered)
            throw new PatchKernelException($"'{path}' has {Excerpt.Count(dataBytes - covered, "byte")} after its last tensor: it is damaged, or two files in one; get it again.");
    }

    private static long Aligned(long bytes, int alignment) => (bytes + alignment - 1) / alignment * alignment;

    private static PatchKernelException Broken(string path, string tensor, string what) =>
        new($"In '{path}' the tensor '{Excerpt.Text(tensor)}' {what}.");
}
