using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace PatchKernel.Gguf;

/// <summary>Reads numbers and texts of a GGUF header from front to back; a length that the file is too short for is an error.</summary>
/// <param name="stream">Where they come from, from its beginning; its owner's to dispose.</param>
/// <param name="path">Names the file in errors.</param>
internal sealed class GgufReader(Stream stream, string path)
{
    private readonly long length = stream.Length;

    /// <summary>The file's path.</summary>
    public string Path => path;

    /// <summary>Number of bytes read or skipped.</summary>
    public long Position { get; private set; }

    /// <summary>Number of bytes that are left.</summary>
    public long Remaining => length - Position;

    /// <summary>Four bytes.</summary>
    public uint UInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Eight bytes.</summary>
    public ulong UInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A count.</summary>
    /// <param name="leastBytes">The fewest bytes that one of them takes.</param>
    /// <param name="what">Their name in errors.</param>
    /// <exception cref="PatchKernelException">The file has no room for so many.</exception>
    public long Count(int leastBytes, string what)
    {
        var count = UInt64();
        return count <= (ulong)(Remaining / leastBytes)
            ? (long)count
            : throw new PatchKernelException(
                $"'{path}' announces {count} {what} where {Remaining} bytes are left: the file is cut off or damaged, get it again.");
    }

    /// <summary>A text with its length in front.</summary>
    /// <param name="what">Its name in errors.</param>
    /// <param name="longest">The most bytes that it may have.</param>
    /// <exception cref="PatchKernelException">It is longer, or no UTF-8.</exception>
    public string Text(string what, int longest)
    {
        var count = Count(1, $"bytes of {what}");
        if (count > longest) throw new PatchKernelException($"'{path}' has {count} bytes of {what}, and {longest} are the most that is believed.");
        var bytes = new byte[count];
        Fill(bytes);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new PatchKernelException($"'{path}' has {what} that isn't UTF-8.");
    }

    /// <summary>Skips bytes.</summary>
    public void Skip(long bytes)
    {
        if (bytes > Remaining) throw CutOff();
        stream.Seek(bytes, SeekOrigin.Current);
        Position += bytes;
    }

    private void Fill(Span<byte> bytes)
    {
        if (bytes.Length > Remaining) throw CutOff();
        stream.ReadExactly(bytes);
        Position += bytes.Length;
    }

    private PatchKernelException CutOff() => new($"'{path}' ends within its header: the file is cut off or damaged, get it again.");
}
