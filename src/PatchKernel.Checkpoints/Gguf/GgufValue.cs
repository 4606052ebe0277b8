namespace PatchKernel.Gguf;

/// <summary>Kinds of metadata, numbered as the format numbers them.</summary>
internal enum GgufKind : uint
{
    UInt8, Int8, UInt16, Int16, UInt32, Int32, Float32, Bool, Text, Array, UInt64, Int64, Float64,
}

/// <summary>Where a metadata value lies in its file; nothing of it is in memory.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where its content begins; a text's or an array's own length stands before it.</param>
/// <param name="Bytes">How long that is.</param>
/// <param name="Element">What an array's elements are.</param>
/// <param name="Count">Number of an array's elements.</param>
internal sealed record GgufValue(GgufKind Kind, long Offset, long Bytes, GgufKind Element = default, long Count = 1)
{
    private const int MaxDepth = 4;
    private const int KindBytes = sizeof(uint);
    private const int LengthBytes = sizeof(ulong);

    /// <summary>Skips a value, and checks every length in it.</summary>
    /// <exception cref="PatchKernelException">It is of no kind that the format has, or longer than the file.</exception>
    public static GgufValue Read(GgufReader reader) => Read(reader, ReadKind(reader), depth: 0);

    private static GgufValue Read(GgufReader reader, GgufKind kind, int depth)
    {
        var (element, count) = (kind, 1L);
        if (kind == GgufKind.Array)
        {
            if (depth == MaxDepth) throw new PatchKernelException($"'{reader.Path}' has arrays inside one another, more than {MaxDepth} deep: it is damaged.");
            element = ReadKind(reader);
            count = reader.Count(LeastBytes(element), "elements of an array");
        }
        else if (kind == GgufKind.Text) count = reader.Count(1, "bytes of text");

        var offset = reader.Position;
        if (kind == GgufKind.Text) reader.Skip(count);
        else if (kind != GgufKind.Array || element is not (GgufKind.Text or GgufKind.Array)) reader.Skip(count * LeastBytes(element));
        else if (element == GgufKind.Text)
            for (var i = 0L; i < count; i++) reader.Skip(reader.Count(1, "bytes of text"));
        else
            for (var i = 0L; i < count; i++) Read(reader, element, depth + 1);
        return new GgufValue(kind, offset, reader.Position - offset, element, count);
    }

    private static GgufKind ReadKind(GgufReader reader)
    {
        var kind = (GgufKind)reader.UInt32();
        return Enum.IsDefined(kind)
            ? kind
            : throw new PatchKernelException($"'{reader.Path}' has metadata of the kind {(uint)kind}, which the format doesn't know: it is damaged.");
    }

    private static int LeastBytes(GgufKind kind) => kind switch
    {
        GgufKind.UInt8 or GgufKind.Int8 or GgufKind.Bool => 1,
        GgufKind.UInt16 or GgufKind.Int16 => 2,
        GgufKind.UInt32 or GgufKind.Int32 or GgufKind.Float32 => 4,
        GgufKind.Array => KindBytes + LengthBytes,
        _ => LengthBytes, // a text's is the length in front of it
    };
}
