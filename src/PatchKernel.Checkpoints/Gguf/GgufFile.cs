using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using PatchKernel.Files;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Gguf;

/// <summary>A GGUF file: opening it reads the header alone; tensors are read and expanded piece by piece.</summary>
/// <remarks>Reads may run at the same time on several threads.</remarks>
internal sealed class GgufFile : IDisposable
{
    // Bounds what a read needs beside its result; a multiple of every type's block.
    private const int ChunkElements = 1 << 22;

    // What one thread expands at a time.
    private const int PieceElements = 1 << 17;

    private readonly ConcurrentDictionary<string, long> bytesRead = [];
    private readonly FileStream stream;
    private readonly long dataStart;

    private GgufFile(string path, FileStream stream, GgufHeader header)
    {
        (Path, this.stream, dataStart, Metadata) = (path, stream, header.DataStart, header.Metadata);
        Tensors = header.Tensors.ToDictionary(tensor => tensor.Name);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The file's metadata; readable until the file is closed.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Every tensor of the file, by name.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <summary>Whether a path is that of a GGUF file, by its extension or by what is there.</summary>
    /// <exception cref="PatchKernelException">What is there isn't a regular file, or can't be read.</exception>
    public static bool IsAt(string path) => IsNameOf(path) || (File.Exists(path) && Is(path));

    /// <summary>Whether a path names a GGUF file, by its extension.</summary>
    public static bool IsNameOf(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);

    /// <summary>Whether a file is a GGUF file, by its content: Ollama's have no extension.</summary>
    /// <exception cref="PatchKernelException">It isn't a regular file, or can't be read.</exception>
    public static bool Is(string path)
    {
        using var stream = InputFile.Open(path);
        Span<byte> letters = stackalloc byte[4];
        return stream.ReadAtLeast(letters, letters.Length, throwOnEndOfStream: false) == letters.Length && letters.SequenceEqual("GGUF"u8);
    }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="PatchKernelException">The file can't be opened, breaks one of the format's rules, or has what isn't supported.</exception>
    public static GgufFile Open(string path, Action<GgufMetadata>? accept = null)
    {
        FileStream? stream = null;
        try
        {
            stream = InputFile.Open(path);
            var file = new GgufFile(path, stream, GgufHeader.Read(stream, path, accept));
            stream = null; // the file's now
            return file;
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

    /// <summary>Reads some entries of a tensor's first axis, those that follow one another, into memory of their own.</summary>
    /// <returns>[count, …]; a fresh tensor, owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The file can't be read any more.</exception>
    public Tensor Read(GgufTensor stored, long from, long count, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var tensor = empty([count, .. stored.Shape[1..]], dtype, device);
        if (count > 0) Fill(tensor.view(-1), stored, dataStart + stored.Offset + (from * stored.RowBytes));
        return scope.MoveToOuter(tensor);
    }

    /// <summary>How many bytes of a tensor were read so far, all reads together.</summary>
    public long BytesRead(string name) => bytesRead.GetValueOrDefault(name);

    /// <summary>Closes the file; tensors that were read stay.</summary>
    public void Dispose() => stream.Dispose();

    /// <summary>Fills memory from a place in a file.</summary>
    /// <exception cref="PatchKernelException">The file has become shorter, or can't be read.</exception>
    public static void ReadExactly(SafeFileHandle handle, Span<byte> bytes, long offset, string path)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                var read = RandomAccess.Read(handle, bytes, offset);
                if (read == 0) throw new PatchKernelException($"'{path}' has become shorter since it was opened; open it again.");
                bytes = bytes[read..];
                offset += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"'{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
    }

    private void Fill(Tensor flat, GgufTensor stored, long offset)
    {
        var (type, elements) = (stored.Type, flat.numel());
        var asExpanded = flat.dtype == type.Expanded && flat.device_type == TorchSharp.DeviceType.CPU;
        using var staging = asExpanded ? null : empty(Math.Min(ChunkElements, elements), type.Expanded, CPU);
        var blocks = ArrayPool<byte>.Shared.Rent(Bytes(type, Math.Min(ChunkElements, elements)));
        try
        {
            for (var start = 0L; start < elements; start += ChunkElements)
            {
                var count = Math.Min(ChunkElements, elements - start);
                var bytes = Bytes(type, count);
                ReadExactly(stream.SafeFileHandle, blocks.AsSpan(0, bytes), offset, Path);
                offset += bytes;
                using var part = flat.narrow(0, start, count);
                using var chunk = staging?.narrow(0, 0, count);
                Expand(type, blocks, (int)count, chunk ?? part);
                if (chunk is not null) part.copy_(chunk);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(blocks);
        }
        var all = elements / type.BlockElements * type.BlockBytes;
        bytesRead.AddOrUpdate(stored.Name, all, (_, before) => before + all);
        Instruments.BytesRead.Add(all);
    }

    private static void Expand(GgufType type, byte[] blocks, int elements, Tensor entries)
    {
        var size = (int)entries.ElementSize;
        Parallel.For(0, (elements + PieceElements - 1) / PieceElements, piece =>
        {
            var start = piece * PieceElements;
            var count = Math.Min(PieceElements, elements - start);
            type.Expand(blocks.AsSpan(Bytes(type, start), Bytes(type, count)), entries.bytes.Slice(start * size, count * size));
        });
    }

    private static int Bytes(GgufType type, long elements) => (int)(elements / type.BlockElements * type.BlockBytes);
}
