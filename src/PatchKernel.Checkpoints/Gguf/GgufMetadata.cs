using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using PatchKernel.Text;

namespace PatchKernel.Gguf;

/// <summary>A GGUF file's metadata: gives checked values by key, read from the file when they are asked for, and knows which keys were never read.</summary>
/// <param name="path">Names the file in errors.</param>
/// <param name="file">The open file.</param>
/// <param name="values">Where each key's value lies.</param>
internal sealed class GgufMetadata(string path, SafeFileHandle file, IReadOnlyDictionary<string, GgufValue> values)
{
    /// <summary>Largest size that is accepted: products of two sizes then stay far below 2^63.</summary>
    private const int MaxSize = 1 << 24;

    private const int LongestShownText = 400;
    private const int LongestText = 65_535;
    private const long MaxBytes = 1 << 25; // as text it takes twice as many beside them; the merges of Llama 3 have 5 MB

    private readonly HashSet<string> read = [];

    /// <summary>The file's path.</summary>
    public string Path => path;

    /// <summary>Keys that were never read.</summary>
    public IEnumerable<string> Unread => values.Keys.Where(key => !read.Contains(key));

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public int Size(string key, int? fallback = null, int max = MaxSize)
    {
        if (Find(key) is not { } value) return fallback ?? throw Missing(key);
        return Number(value) is { } number && number >= 1 && number <= max && number == Math.Floor(number)
            ? (int)number
            : throw Wrong(key, $"it must be a whole number from 1 to {max}");
    }

    /// <summary>A whole number from 0 to <see cref="MaxSize"/>, or null where the key is absent.</summary>
    public int? Index(string key)
    {
        if (Find(key) is not { } value) return null;
        return Number(value) is { } number && number >= 0 && number <= MaxSize && number == Math.Floor(number)
            ? (int)number
            : throw Wrong(key, $"it must be a whole number from 0 to {MaxSize}");
    }

    /// <summary>
    /// A number above 0 that is one in float32 too, from <paramref name="least"/>; a float32 is taken for the shortest decimal number that rounds to it.
    /// </summary>
    public double Positive(string key, double? fallback = null, double least = 0)
    {
        if (Find(key) is not { } value) return fallback ?? throw Missing(key);
        return Number(value) is { } number && float.IsNormal((float)number) && number > 0 && number >= least
            ? number
            : throw Wrong(key, FormattableString.Invariant($"it must be a number {(least > 0 ? "from" : "above")} {least}"));
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback)
    {
        if (Find(key) is not { } value) return fallback;
        return value.Kind == GgufKind.Bool ? Content(value)[0] != 0 : throw Wrong(key, "it must be true or false");
    }

    /// <summary>A text, or null where the key is absent.</summary>
    public string? Text(string key)
    {
        if (Find(key) is not { } value) return null;
        return value.Kind == GgufKind.Text ? Encoding.UTF8.GetString(Content(value)) : throw Wrong(key, "it must be a text");
    }

    /// <summary>Number of an array's elements, or null where the key is absent.</summary>
    public long? Count(string key)
    {
        if (Find(key) is not { } value) return null;
        return value.Kind == GgufKind.Array ? value.Count : throw Wrong(key, "it must be an array");
    }

    /// <summary>The texts of an array, or null where the key is absent.</summary>
    public string[]? Texts(string key, int most)
    {
        if (Find(key) is not { } value) return null;
        if (value is not { Kind: GgufKind.Array, Element: GgufKind.Text }) throw Wrong(key, "it must be an array of texts");
        if (value.Count > most) throw Wrong(key, $"{most} are the most that is believed");
        using var content = new MemoryStream(Content(value));
        var reader = new GgufReader(content, path);
        var texts = new string[value.Count];
        for (var i = 0; i < texts.Length; i++) texts[i] = reader.Text("a text", LongestText);
        return texts;
    }

    /// <summary>The numbers of an array of int32, or null where the key is absent.</summary>
    public int[]? Integers(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value is not { Kind: GgufKind.Array, Element: GgufKind.Int32 or GgufKind.UInt32 }) throw Wrong(key, "it must be an array of whole numbers");
        var content = Content(value);
        var numbers = new int[value.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(i * sizeof(int)));
        return numbers;
    }

    /// <summary>The numbers of an array of float32, or null where the key is absent.</summary>
    public float[]? Numbers(string key)
    {
        if (Find(key) is not { } value) return null;
        if (value is not { Kind: GgufKind.Array, Element: GgufKind.Float32 }) throw Wrong(key, "it must be an array of float32");
        var content = Content(value);
        var numbers = new float[value.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(content.AsSpan(i * sizeof(float)));
        return numbers;
    }

    /// <summary>Whether a value is the given text, number or truth value.</summary>
    public bool Equals(string key, object accepted)
    {
        var value = values[key];
        return accepted switch
        {
            string text => value.Kind == GgufKind.Text && value.Bytes == Encoding.UTF8.GetByteCount(text) && Text(key) == text,
            bool flag => value.Kind == GgufKind.Bool && Flag(key, !flag) == flag,
            int number => Number(value) == number,
            _ => false,
        };
    }

    /// <summary>The error for a missing key.</summary>
    public PatchKernelException Missing(string key) => new($"'{path}' has no {key}, which a model needs.");

    /// <summary>The error for a value that can't be used.</summary>
    public PatchKernelException Wrong(string key, string what) => new($"In '{path}' {Excerpt.Text(key)} is {Shown(key)}, but {what}.");

    /// <summary>The warning for a key that has no effect here.</summary>
    public string Unknown(string key) =>
        $"'{path}' has the unknown key {Excerpt.Text(key)} ({Shown(key)}): if it changes the computation, results differ from the original model's.";

    private string Shown(string key)
    {
        var value = values[key];
        return value.Kind switch
        {
            GgufKind.Array => FormattableString.Invariant($"an array of {value.Count}"),
            GgufKind.Text => $"\"{Excerpt.Text(Encoding.UTF8.GetString(Content(value with { Bytes = Math.Min(value.Bytes, LongestShownText) })))}\"",
            GgufKind.Bool => Content(value)[0] != 0 ? "true" : "false",
            _ => Number(value)!.Value.ToString(CultureInfo.InvariantCulture),
        };
    }

    private GgufValue? Find(string key)
    {
        read.Add(key);
        return values.GetValueOrDefault(key);
    }

    /// <summary>Null where it is no number.</summary>
    private double? Number(GgufValue value)
    {
        if (value.Kind is GgufKind.Bool or GgufKind.Text or GgufKind.Array) return null;
        ReadOnlySpan<byte> bytes = Content(value);
        return value.Kind switch
        {
            GgufKind.UInt8 => bytes[0],
            GgufKind.Int8 => (sbyte)bytes[0],
            GgufKind.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            GgufKind.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            GgufKind.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            GgufKind.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            GgufKind.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            GgufKind.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            GgufKind.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            // 1e-05, as it was written before it was rounded, and not 9.99999974737875E-06.
            _ => double.Parse(BinaryPrimitives.ReadSingleLittleEndian(bytes).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        };
    }

    private byte[] Content(GgufValue value)
    {
        if (value.Bytes > MaxBytes)
            throw new PatchKernelException($"'{path}' has a metadata value of {value.Bytes} bytes, and {MaxBytes} are the most that is read.");
        var content = new byte[value.Bytes];
        GgufFile.ReadExactly(file, content, value.Offset, path);
        return content;
    }
}
