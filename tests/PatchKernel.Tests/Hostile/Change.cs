using CsCheck;

namespace PatchKernel.Tests.Hostile;

/// <summary>One thing that somebody does to a file.</summary>
/// <param name="What">What, for the report of a failure.</param>
/// <param name="Apply">Does it.</param>
internal sealed record Change<T>(string What, Func<T, T> Apply)
{
    public override string ToString() => What;
}

/// <summary>Changes of bytes, whatever they mean.</summary>
internal static class ByteChange
{
    /// <summary>Numbers at which something ends, overflows or changes its sign.</summary>
    public static readonly Gen<ulong> Telling = Pick.From<ulong>(
        0, 1, 2, 3, 4, 8, 9, 12, 13, 31, 32, 33, 255, 256, 65_536, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 40,
        long.MaxValue, 1UL << 63, ulong.MaxValue - 31, ulong.MaxValue);

    /// <summary>Bytes replaced, put in or taken out, numbers written over, files cut or lengthened.</summary>
    /// <param name="begin">The share of the file in which most of it happens: its header.</param>
    public static Gen<Change<byte[]>> Any(double begin)
    {
        var place = Gen.Double[0, 1].Select(Gen.Bool, (x, anywhere) => anywhere ? x : x * x * begin);
        return Gen.OneOf(
            Gen.Select(place, Gen.Byte, (at, value) => Replace(at, [value], 1)),
            Gen.Select(place, Gen.Int[0, 7], (at, bit) => new Change<byte[]>($"flip bit {bit} at {at:F4}", file => Flip(file, at, bit))),
            Gen.Select(place, Telling, (at, value) => Replace(at, BitConverter.GetBytes(value), 8)),
            Gen.Select(place, Telling, (at, value) => Replace(at, BitConverter.GetBytes((uint)value), 4)),
            Gen.Select(place, Gen.Byte.Array[0, 9], Gen.Int[0, 40], Replace),
            Gen.Double[0, 1].Select(at => new Change<byte[]>($"cut at {at:F4}", file => file[..(int)(at * file.Length)])),
            Gen.Int[1, 100].Select(more => new Change<byte[]>($"{more} more bytes", file => [.. file, .. new byte[more]])));
    }

    private static Change<byte[]> Replace(double at, byte[] by, int replaced) => new(
        $"{Convert.ToHexString(by)} for {replaced} bytes at {at:F4}",
        file => [.. file[..At(file, at)], .. by, .. file[Math.Min(At(file, at) + replaced, file.Length)..]]);

    private static byte[] Flip(byte[] file, double at, int bit)
    {
        if (file.Length == 0) return file;
        var changed = (byte[])file.Clone();
        changed[Math.Min(At(file, at), file.Length - 1)] ^= (byte)(1 << bit);
        return changed;
    }

    private static int At(byte[] file, double at) => (int)(at * file.Length);
}

/// <summary>Choices out of a list.</summary>
internal static class Pick
{
    public static Gen<T> From<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    /// <summary>All of them, one after the other.</summary>
    public static T All<T>(this IEnumerable<Change<T>> changes, T value) => changes.Aggregate(value, (changed, change) => change.Apply(changed));
}
