using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using PatchKernel.Text;

namespace PatchKernel.Json;

/// <summary>Where a text stops being JSON, and why, in our own words: the parser's messages are about its options.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in characters as editors count.</param>
/// <param name="Reason">What is wrong there, as the end of a sentence.</param>
internal readonly record struct JsonFault(int Line, int Column, string Reason)
{
    private const int DeepestLook = 1000;

    /// <summary>The first fault of a text that a parser has refused.</summary>
    /// <param name="utf8">The text; bad UTF-8 is found elsewhere.</param>
    /// <param name="maxDepth">How deep the parser lets objects and arrays nest.</param>
    public static JsonFault Of(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DeepestLook });
        try
        {
            while (reader.Read())
                if (reader.CurrentDepth >= maxDepth && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    return At(utf8, reader.TokenStartIndex, $"it nests deeper than {maxDepth} levels");
        }
        catch (JsonException e)
        {
            var offset = LineStart(utf8, (int)(e.LineNumber ?? 0)) + (int)(e.BytePositionInLine ?? 0);
            return At(utf8, offset, ReasonAt(utf8, offset));
        }
        return KeyTwice(utf8) ?? At(utf8, utf8.Length, "it can't be read to its end");
    }

    /// <summary>The first key that is in an object twice, in a text that is valid otherwise.</summary>
    private static JsonFault? KeyTwice(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DeepestLook });
        var keys = new Stack<HashSet<UInt128>>(); // their hashes: a file may have a million keys
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject) keys.Push([]);
            if (reader.TokenType is JsonTokenType.EndObject) keys.Pop();
            if (reader.TokenType is JsonTokenType.PropertyName && KeyOf(ref reader) is { } key && !keys.Peek().Add(HashOf(key)))
                return At(utf8, reader.TokenStartIndex, $"the key '{Excerpt.Text(key)}' stands there for the second time");
        }
        return null;
    }

    private static UInt128 HashOf(string key) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(key.AsSpan())));

    /// <summary>The first byte that isn't UTF-8; null where there is none.</summary>
    public static JsonFault? OfUtf8(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) return null;
        var end = 0;
        while (Rune.DecodeFromUtf8(bytes[end..], out _, out var length) == OperationStatus.Done) end += length;
        return At(bytes, end, "there is a byte that isn't UTF-8 text");
    }

    /// <summary>A fault at a byte of a text.</summary>
    public static JsonFault At(ReadOnlySpan<byte> utf8, long offset, string reason)
    {
        var before = utf8[..(int)Math.Min(offset, utf8.Length)];
        return new(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1, reason);
    }

    private static string? KeyOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException) // half a character, which whoever reads the key complains of
        {
            return null;
        }
    }

    private static string ReasonAt(ReadOnlySpan<byte> utf8, int offset)
    {
        if (utf8.Trim(" \t\r\n"u8).IsEmpty) return "it is empty";
        if (offset >= utf8.TrimEnd(" \t\r\n"u8).Length) return "it ends too early";
        _ = Rune.DecodeFromUtf8(utf8[offset..], out var found, out _);
        var before = utf8[..offset].TrimEnd(" \t\r\n"u8);
        return found.Value switch
        {
            '/' => "JSON has no comments",
            'N' or 'I' when utf8[offset..].StartsWith("NaN"u8) || utf8[offset..].StartsWith("Infinity"u8) => "JSON has no NaN and no Infinity; null stands for a number that isn't there",
            ']' or '}' when before.EndsWith(","u8) => "the comma before the end has nothing after it",
            < ' ' => "a text has a line break or a control character in it, which JSON writes as \\n or \\u00XX",
            _ => $"'{Excerpt.Text(found.ToString())}' can't stand there",
        };
    }

    private static int LineStart(ReadOnlySpan<byte> utf8, int line)
    {
        var start = 0;
        for (; line > 0; line--) start += utf8[start..].IndexOf((byte)'\n') + 1;
        return start;
    }
}
