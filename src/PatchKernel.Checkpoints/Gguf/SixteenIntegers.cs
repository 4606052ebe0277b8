using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PatchKernel.Gguf;

/// <summary>Works on sixteen small integers at once.</summary>
internal static class SixteenIntegers
{
    /// <summary>Number of integers that are handled at once.</summary>
    public const int Count = 16;

    /// <summary>The sixteen bytes at a place.</summary>
    public static Vector128<byte> Load(ReadOnlySpan<byte> bytes, int at) => Vector128.Create(bytes.Slice(at, Count));

    /// <summary>The lower four bits of each byte.</summary>
    public static Vector128<byte> Low(Vector128<byte> bytes) => bytes & Vector128.Create((byte)15);

    /// <summary>The upper four bits of each byte.</summary>
    public static Vector128<byte> High(Vector128<byte> bytes) => bytes >>> 4;

    /// <summary>Two bits of each byte.</summary>
    public static Vector128<byte> Pair(Vector128<byte> bytes, int shift) => (bytes >>> shift) & Vector128.Create((byte)3);

    /// <summary>The given value where a byte has any of the mask's bits, else 0.</summary>
    public static Vector128<byte> Where(Vector128<byte> bytes, Vector128<byte> mask, byte value) =>
        ~Vector128.Equals(bytes & mask, Vector128<byte>.Zero) & Vector128.Create(value);

    /// <summary>scale · integer.</summary>
    public static void Scale(Vector128<byte> integers, float scale, Span<float> values, int at)
    {
        var (a, b, c, d) = Floats(integers);
        Store(a * scale, b * scale, c * scale, d * scale, values, at);
    }

    /// <summary>scale · integer + shift; two roundings, as the reference has it.</summary>
    public static void Scale(Vector128<byte> integers, float scale, float shift, Span<float> values, int at)
    {
        var (a, b, c, d) = Floats(integers);
        var shifts = Vector128.Create(shift);
        Store((a * scale) + shifts, (b * scale) + shifts, (c * scale) + shifts, (d * scale) + shifts, values, at);
    }

    /// <summary>The bytes as signed integers.</summary>
    private static (Vector128<float>, Vector128<float>, Vector128<float>, Vector128<float>) Floats(Vector128<byte> integers)
    {
        var (low, high) = Vector128.Widen(integers.AsSByte());
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        return (Vector128.ConvertToSingle(a), Vector128.ConvertToSingle(b), Vector128.ConvertToSingle(c), Vector128.ConvertToSingle(d));
    }

    private static void Store(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, Span<float> values, int at)
    {
        ref var first = ref MemoryMarshal.GetReference(values.Slice(at, Count));
        a.StoreUnsafe(ref first, 0);
        b.StoreUnsafe(ref first, 4);
        c.StoreUnsafe(ref first, 8);
        d.StoreUnsafe(ref first, 12);
    }
}
