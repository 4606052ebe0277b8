using System.Runtime.Intrinsics;

namespace PatchKernel.Gguf;

/// <summary>Blocks of 256 entries whose groups have small integer scales of their own: what ggml calls Q2_K to Q6_K.</summary>
/// <remarks>Layouts: ggml's ggml-common.h; how they are read: dequantize_row_… in its ggml-quants.c.</remarks>
internal static class SuperBlocks
{
    private const int Half = 128; // entries

    /// <summary>16 bytes of 4-bit scales and mins, 64 bytes of 2-bit integers, float16 d and dmin: d · scale · q − dmin · min.</summary>
    public static void Q2_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var q = block.Slice(16, 64);
        var (d, min) = (SimpleBlocks.Half(block, 80), SimpleBlocks.Half(block, 82));
        for (var group = 0; group < 16; group++)
        {
            // A group is 16 entries; a byte has two bits of four groups, which lie 32 entries apart.
            var integers = SixteenIntegers.Pair(SixteenIntegers.Load(q, Place(group)), Shift(group));
            SixteenIntegers.Scale(integers, d * (block[group] & 15), -(min * (block[group] >> 4)), values, group * SixteenIntegers.Count);
        }
    }

    /// <summary>32 bytes of third bits, 64 bytes of 2-bit integers, 12 bytes of 6-bit scales, float16 d: d · (scale − 32) · (q − 4).</summary>
    public static void Q3_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var third = block[..32];
        var q = block.Slice(32, 64);
        var d = SimpleBlocks.Half(block, 108);
        Span<sbyte> scales = stackalloc sbyte[16];
        Scales3(block.Slice(96, 12), scales);
        for (var group = 0; group < 16; group++)
        {
            var bit = Vector128.Create((byte)(1 << (group / 2)));
            var integers = SixteenIntegers.Pair(SixteenIntegers.Load(q, Place(group)), Shift(group)) | SixteenIntegers.Where(SixteenIntegers.Load(third, group % 2 * SixteenIntegers.Count), bit, 4);
            SixteenIntegers.Scale(integers - Vector128.Create((byte)4), d * scales[group], values, group * SixteenIntegers.Count);
        }
    }

    /// <summary>float16 d and dmin, 12 bytes of 6-bit scales and mins, 128 bytes of half bytes: d · scale · q − dmin · min.</summary>
    public static void Q4_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, min) = (SimpleBlocks.Half(block, 0), SimpleBlocks.Half(block, 2));
        var scales = block.Slice(4, 12);
        var q = block.Slice(16, 128);
        for (var lanes = 0; lanes < 16; lanes++)
        {
            var (scale, offset) = ScaleAndMin(scales, lanes / 2);
            var bytes = SixteenIntegers.Load(q, (lanes / 4 * 32) + (lanes % 2 * SixteenIntegers.Count));
            var integers = lanes / 2 % 2 == 0 ? SixteenIntegers.Low(bytes) : SixteenIntegers.High(bytes);
            SixteenIntegers.Scale(integers, d * scale, -(min * offset), values, lanes * SixteenIntegers.Count);
        }
    }

    /// <summary>As Q4_K, with 32 bytes of fifth bits before the half bytes.</summary>
    public static void Q5_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, min) = (SimpleBlocks.Half(block, 0), SimpleBlocks.Half(block, 2));
        var scales = block.Slice(4, 12);
        var fifth = block.Slice(16, 32);
        var q = block.Slice(48, 128);
        for (var lanes = 0; lanes < 16; lanes++)
        {
            var group = lanes / 2;
            var (scale, offset) = ScaleAndMin(scales, group);
            var bytes = SixteenIntegers.Load(q, (lanes / 4 * 32) + (lanes % 2 * SixteenIntegers.Count));
            var bits = SixteenIntegers.Where(SixteenIntegers.Load(fifth, lanes % 2 * SixteenIntegers.Count), Vector128.Create((byte)(1 << group)), 16);
            SixteenIntegers.Scale((group % 2 == 0 ? SixteenIntegers.Low(bytes) : SixteenIntegers.High(bytes)) | bits, d * scale, -(min * offset), values, lanes * SixteenIntegers.Count);
        }
    }

    /// <summary>128 bytes of lower half bytes, 64 bytes of upper bit pairs, 16 int8 scales, float16 d: d · scale · (q − 32).</summary>
    public static void Q6_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var low = block[..128];
        var high = block.Slice(128, 64);
        var scales = block.Slice(192, 16);
        var d = SimpleBlocks.Half(block, 208);
        var zero = Vector128.Create((byte)32);
        for (var lanes = 0; lanes < 16; lanes++)
        {
            // In each half: entries 0–63 are lower half bytes of 64 bytes, 64–127 the upper ones; each 32 have the next bit pair.
            var (half, quarter, place) = (lanes / 8, lanes % 8 / 2, lanes % 2 * SixteenIntegers.Count);
            var bytes = SixteenIntegers.Load(low, (half * 64) + (quarter % 2 * 32) + place);
            var pairs = SixteenIntegers.Pair(SixteenIntegers.Load(high, (half * 32) + place), 2 * quarter);
            var integers = (quarter < 2 ? SixteenIntegers.Low(bytes) : SixteenIntegers.High(bytes)) | (pairs << 4);
            SixteenIntegers.Scale(integers - zero, d * (sbyte)scales[lanes], values, lanes * SixteenIntegers.Count);
        }
    }

    /// <summary>Where the bytes of sixteen 2-bit integers begin.</summary>
    private static int Place(int group) => (group * SixteenIntegers.Count / Half * 32) + (group % 2 * SixteenIntegers.Count);

    /// <summary>Where their two bits begin in each byte.</summary>
    private static int Shift(int group) => group % 8 / 2 * 2;

    /// <summary>Sixteen 6-bit scales less 32: lower half bytes in eight bytes, upper bit pairs in four.</summary>
    private static void Scales3(ReadOnlySpan<byte> packed, Span<sbyte> scales)
    {
        for (var i = 0; i < scales.Length; i++)
        {
            var low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
            var high = (packed[8 + (i % 4)] >> (i / 4 * 2)) & 3;
            scales[i] = (sbyte)((low | (high << 4)) - 32);
        }
    }

    /// <summary>One of eight pairs of a 6-bit scale and min: four in the lower bits of bytes, the others in half bytes and the bits left over.</summary>
    private static (int Scale, int Min) ScaleAndMin(ReadOnlySpan<byte> packed, int i) => i < 4
        ? (packed[i] & 63, packed[i + 4] & 63)
        : ((packed[i + 4] & 15) | (packed[i - 4] >> 6 << 4), (packed[i + 4] >> 4) | (packed[i] >> 6 << 4));
}
