using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using PatchKernel.Files;
using PatchKernel.Text;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Safetensors;

/// <summary>A safetensors file, read through a memory map: opening it reads the header alone.</summary>
/// <remarks>
/// A tensor is mapped while it is copied and no longer, so neither the file's size nor the number of tensors shows in the process's memory.
/// Reads may run at the same time on several threads.
/// </remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    // Bounds what a conversion needs beside its result. Small, since glibc keeps the room of a large buffer, once a tensor: it wants a little more of it for
    // the next one, as tensors are aligned.
    private const long ChunkElements = 1 << 20;

    private readonly ConcurrentDictionary<string, long> bytesRead = [];
    private readonly MemoryMappedFile map;
    private readonly long dataStart;

    private SafetensorsFile(string path, MemoryMappedFile map, long dataStart, IReadOnlyList<StoredTensor> tensors)
    {
        Path = path;
        this.map = map;
        this.dataStart = dataStart;
        Tensors = tensors.ToDictionary(tensor => tensor.Name);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Every tensor of the file, by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="PatchKernelException">The file can't be opened, or its header breaks one of the format's rules.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = InputFile.Open(path);
            var header = ReadHeader(stream, path);
            var dataStart = LengthBytes + header.LongLength;
            var tensors = SafetensorsHeader.Parse(header, stream.Length - dataStart, path);
            var map = MemoryMappedFile.CreateFromFile(
                stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            stream = null; // the map's now
            return new SafetensorsFile(path, map, dataStart, tensors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"'{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <summary>Reads one tensor into memory of its own.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dtype">What to convert it to; null keeps the stored one.</param>
    /// <param name="device">Where to put it; null is the CPU.</param>
    /// <returns>A fresh tensor; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The file has no such tensor, or it is stored in a dtype that isn't read here.</exception>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null) => Read(name, rows: null, dtype, device);

    /// <summary>Reads some of a tensor's rows, those that follow one another along its first axis, into memory of their own.</summary>
    /// <returns>[count, …]; a fresh tensor, owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The file has no such tensor, or it is stored in a dtype that isn't read here.</exception>
    public Tensor ReadRows(string name, long from, long count, ScalarType? dtype = null, Device? device = null) => Read(name, (from, count), dtype, device);

    /// <summary>How many bytes of a tensor were read so far, all reads together.</summary>
    public long BytesRead(string name) => bytesRead.GetValueOrDefault(name);

    private Tensor Read(string name, (long From, long Count)? rows, ScalarType? dtype, Device? device)
    {
        if (!Tensors.TryGetValue(name, out var stored)) throw new PatchKernelException($"'{Path}' has no tensor '{name}'.");
        if (stored.Dtype.Scalar is not { } storedDtype)
            throw new PatchKernelException(
                $"In '{Path}' the tensor '{Excerpt.Text(name)}' is stored as {stored.Dtype.Name}; only F32, F16, BF16 and I64 can be read.");

        using var scope = NewDisposeScope();
        var tensor = empty(rows is { } some ? [some.Count, .. stored.Shape[1..]] : stored.Shape, dtype ?? storedDtype, device ?? CPU);
        if (tensor.numel() > 0) Fill(tensor.view(-1), stored, rows is { } first ? first.From * (stored.Bytes / stored.Shape[0]) : 0, storedDtype);
        return scope.MoveToOuter(tensor);
    }

    /// <summary>Unmaps and closes the file; tensors that were read stay.</summary>
    public void Dispose() => map.Dispose();

    private void Fill(Tensor flat, StoredTensor stored, long offset, ScalarType storedDtype)
    {
        var elements = flat.numel();
        var bytes = elements * (stored.Dtype.Bits / 8);
        using var data = map.CreateViewStream(dataStart + stored.Begin + offset, bytes, MemoryMappedFileAccess.Read);
        bytesRead.AddOrUpdate(stored.Name, bytes, (_, before) => before + bytes);
        Instruments.BytesRead.Add(bytes);
        var asStored = flat.dtype == storedDtype && flat.device_type == TorchSharp.DeviceType.CPU;
        using var staging = asStored ? null : empty(Math.Min(ChunkElements, elements), storedDtype, CPU);
        for (var start = 0L; start < elements; start += ChunkElements)
        {
            var count = Math.Min(ChunkElements, elements - start);
            using var part = flat.narrow(0, start, count);
            using var chunk = staging?.narrow(0, 0, count);
            data.ReadExactly((chunk ?? part).bytes);
            if (chunk is not null) part.copy_(chunk);
        }
    }

    private static byte[] ReadHeader(FileStream stream, string path)
    {
        if (stream.Length < LengthBytes)
            throw Other(stream, path) ?? new PatchKernelException($"'{path}' has {stream.Length} bytes: too few for a safetensors file.");
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        stream.ReadExactly(lengthBytes);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length is 0 or > SafetensorsHeader.MaxBytes)
            throw Other(stream, path) ?? new PatchKernelException(
                $"'{path}' announces a header of {length} bytes, and 1 to {SafetensorsHeader.MaxBytes} are possible: it isn't a safetensors file, or damaged.");
        if ((long)length > stream.Length - LengthBytes)
            throw Other(stream, path) ?? new PatchKernelException(
                $"'{path}' announces a header of {length} bytes and has {stream.Length} altogether: the file is cut off, get it again.");
        var header = new byte[length];
        stream.ReadExactly(header);
        return header;
    }

    private static PatchKernelException? Other(FileStream stream, string path) =>
        OtherFormat.Of(stream) is { } what ? new($"'{path}' {what}.") : null;
}
