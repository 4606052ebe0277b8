using System.Globalization;
using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>A step that puts tokens together again.</summary>
/// <param name="Apply">Changes a text's tokens, or how many they are.</param>
/// <param name="Label">What a token inside a text stands for; parts of characters become a label such as &lt;0xE2&gt;.</param>
/// <param name="Growth">How many times as long a text may become.</param>
internal sealed record TokenDecoder(Func<IReadOnlyList<string>, Patience, IReadOnlyList<string>> Apply, Func<string, string> Label, int Growth = 1)
{
    private const string Broken = "\uFFFD";

    /// <summary>Reads the bytes that byte letters stand for.</summary>
    public static TokenDecoder ByteLevel { get; } = new(
        (tokens, _) => [ByteAlphabet.ToText([.. tokens.SelectMany(ByteAlphabet.ToBytes)])], token => ByteAlphabet.ToLabel(ByteAlphabet.ToBytes(token)));

    /// <summary>Turns runs of tokens such as &lt;0xE2&gt; into the text of their bytes.</summary>
    public static TokenDecoder ByteFallback { get; } = new((tokens, _) => TextOfBytes(tokens), token => ByteOf(token) is { } value ? ByteAlphabet.ToLabel([value]) : token);

    /// <summary>Joins all tokens.</summary>
    public static TokenDecoder Fuse { get; } = new((tokens, _) => [string.Concat(tokens)], token => token);

    /// <summary>Puts a space between tokens: what there is where a file has no decoder.</summary>
    public static TokenDecoder Spaced { get; } = new((tokens, _) => [string.Join(' ', tokens)], token => token);

    private static readonly Dictionary<string, Func<JsonPart, TokenDecoder>> Kinds = new()
    {
        ["ByteLevel"] = part =>
        {
            TokenizerParts.CheckByteLevel(part);
            return ByteLevel;
        },
        ["Replace"] = part =>
        {
            part.AllowOnly("type", "pattern", "content");
            return Replacing(Replacement.Read(part));
        },
        ["ByteFallback"] = part => Plain(part, ByteFallback),
        ["Fuse"] = part => Plain(part, Fuse),
        ["Strip"] = Strip,
        ["Metaspace"] = part => Metaspace.Read(part).Decoder,
    };

    /// <summary>The steps of a tokenizer.json's decoder.</summary>
    public static IReadOnlyList<TokenDecoder> Read(JsonPart? part) => TokenizerParts.Steps(part, "decoders", Kinds);

    /// <summary>Replaces every match in every token.</summary>
    public static TokenDecoder Replacing(Replacement replacement) => new(
        (tokens, patience) => [.. tokens.Select(token => replacement.In(token, patience))], token => replacement.In(token, new Patience(token.Length)), replacement.Growth);

    /// <summary>Takes so many of a letter away at the beginning and at the end of each token. In a label it stays: inside a text the tokens are joined before.</summary>
    public static TokenDecoder Stripping(char letter, int start, int stop) => new((tokens, _) => [.. tokens.Select(token =>
    {
        var (from, to) = (0, token.Length);
        while (from < Math.Min(start, token.Length) && token[from] == letter) from++;
        while (token.Length - to < stop && to > from && token[to - 1] == letter) to--;
        return token[from..to];
    })], token => token);

    /// <summary>The byte that a token such as &lt;0xE2&gt; stands for.</summary>
    public static byte? ByteOf(string token) =>
        token is ['<', '0', 'x', _, _, '>'] && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static TokenDecoder Plain(JsonPart part, TokenDecoder decoder)
    {
        part.AllowOnly("type");
        return decoder;
    }

    private static TokenDecoder Strip(JsonPart part)
    {
        part.AllowOnly("type", "content", "start", "stop");
        var letter = part.Require("content");
        return letter.Text().Length == 1
            ? Stripping(letter.Text()[0], part.Require("start").Whole(0, int.MaxValue), part.Require("stop").Whole(0, int.MaxValue))
            : throw letter.Wrong("one letter");
    }

    private static List<string> TextOfBytes(IReadOnlyList<string> tokens)
    {
        var (texts, bytes) = (new List<string>(tokens.Count), new List<byte>());
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } value)
            {
                bytes.Add(value);
                continue;
            }
            End();
            texts.Add(token);
        }
        End();
        return texts;

        // As in the reference implementation a run that is no text is broken as a whole, byte by byte.
        void End()
        {
            if (bytes.Count == 0) return;
            if (System.Text.Unicode.Utf8.IsValid(bytes.ToArray())) texts.Add(ByteAlphabet.ToText([.. bytes]));
            else texts.AddRange(Enumerable.Repeat(Broken, bytes.Count));
            bytes.Clear();
        }
    }
}
