using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace PatchKernel.Gguf;

/// <summary>Blocks of 32 entries with one scale: what ggml calls Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0.</summary>
/// <remarks>A block's lower half bytes are its first sixteen entries, the upper ones the others. Layouts: ggml's ggml-common.h.</remarks>
internal static class SimpleBlocks
{
    /// <summary>float16 d, 32 int8: d · q.</summary>
    public static void Q8_0(ReadOnlySpan<byte> block, Span<float> values)
    {
        var d = Half(block, 0);
        SixteenIntegers.Scale(SixteenIntegers.Load(block, 2), d, values, 0);
        SixteenIntegers.Scale(SixteenIntegers.Load(block, 18), d, values, 16);
    }

    /// <summary>float16 d, 32 half bytes: d · (q − 8).</summary>
    public static void Q4_0(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, q, eight) = (Half(block, 0), SixteenIntegers.Load(block, 2), Vector128.Create((byte)8));
        SixteenIntegers.Scale(SixteenIntegers.Low(q) - eight, d, values, 0);
        SixteenIntegers.Scale(SixteenIntegers.High(q) - eight, d, values, 16);
    }

    /// <summary>float16 d, float16 m, 32 half bytes: d · q + m.</summary>
    public static void Q4_1(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, m, q) = (Half(block, 0), Half(block, 2), SixteenIntegers.Load(block, 4));
        SixteenIntegers.Scale(SixteenIntegers.Low(q), d, m, values, 0);
        SixteenIntegers.Scale(SixteenIntegers.High(q), d, m, values, 16);
    }

    /// <summary>float16 d, 32 fifth bits, 32 half bytes: d · (q − 16).</summary>
    public static void Q5_0(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, q, sixteen) = (Half(block, 0), SixteenIntegers.Load(block, 6), Vector128.Create((byte)16));
        SixteenIntegers.Scale((SixteenIntegers.Low(q) | FifthBits(block, 2)) - sixteen, d, values, 0);
        SixteenIntegers.Scale((SixteenIntegers.High(q) | FifthBits(block, 4)) - sixteen, d, values, 16);
    }

    /// <summary>float16 d, float16 m, 32 fifth bits, 32 half bytes: d · q + m.</summary>
    public static void Q5_1(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, m, q) = (Half(block, 0), Half(block, 2), SixteenIntegers.Load(block, 8));
        SixteenIntegers.Scale(SixteenIntegers.Low(q) | FifthBits(block, 4), d, m, values, 0);
        SixteenIntegers.Scale(SixteenIntegers.High(q) | FifthBits(block, 6), d, m, values, 16);
    }

    /// <summary>A float16 at a place in a block.</summary>
    public static float Half(ReadOnlySpan<byte> block, int at) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[at..]);

    /// <summary>16 where a bit of the two bytes at a place is set, the lowest first.</summary>
    private static Vector128<byte> FifthBits(ReadOnlySpan<byte> block, int at)
    {
        const ulong everyByte = 0x0101010101010101, eachBit = 0x8040201008040201;
        var spread = Vector128.Create(block[at] * everyByte, block[at + 1] * everyByte).AsByte();
        return SixteenIntegers.Where(spread, Vector128.Create(eachBit).AsByte(), 16);
    }
}
