using System.Text;
using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>A step that changes a text before it is cut.</summary>
/// <param name="Apply">Changes a text.</param>
/// <param name="Growth">How many times as long it may become.</param>
internal sealed record Normalizer(Func<Piece, Patience, Piece> Apply, int Growth = 1)
{
    private const int LongestPrefix = 100;

    private static readonly Dictionary<string, Func<JsonPart, Normalizer>> Kinds = new()
    {
        ["NFC"] = part => Form(part, NormalizationForm.FormC, growth: 3),
        ["NFD"] = part => Form(part, NormalizationForm.FormD, growth: 4),
        ["NFKC"] = part => Form(part, NormalizationForm.FormKC, growth: 18),
        ["NFKD"] = part => Form(part, NormalizationForm.FormKD, growth: 18),
        ["Lowercase"] = part => Plain(part, Lower, growth: 2),
        ["StripAccents"] = part => Plain(part, WithoutMarks),
        ["ByteLevel"] = part => Plain(part, ByteAlphabet.FromText, growth: 3),
        ["Prepend"] = Prepend,
        ["Replace"] = Replace,
        ["Strip"] = Strip,
        ["BertNormalizer"] = Bert,
    };

    /// <summary>The steps of a tokenizer.json's normalizer.</summary>
    public static IReadOnlyList<Normalizer> Read(JsonPart? part) => TokenizerParts.Steps(part, "normalizers", Kinds);

    /// <summary>A text in front of every one that isn't empty.</summary>
    public static Normalizer Prepending(string prefix) => new((piece, _) => piece.Text.Length == 0 ? piece : piece with { Text = prefix + piece.Text }, prefix.Length + 1);

    /// <summary>Every match replaced.</summary>
    public static Normalizer Replacing(Replacement replacement) => new(
        // Where the beginning is taken away, what follows isn't the beginning.
        (piece, patience) => new(replacement.In(piece.Text, patience, out var beginsLater), piece.IsFirst && !beginsLater), replacement.Growth);

    private static Normalizer Plain(JsonPart part, Func<string, string> change, int growth = 1)
    {
        part.AllowOnly("type");
        return new((piece, _) => piece with { Text = change(piece.Text) }, growth);
    }

    private static Normalizer Form(JsonPart part, NormalizationForm form, int growth) => Plain(part, text => UnicodeForms.Normalize(text, form), growth);

    /// <summary>Lower case letter by letter: the end of a word makes no difference to Σ. .NET leaves İ alone.</summary>
    private static string Lower(string text) => text.Replace("İ", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();

    private static string WithoutMarks(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark
                or System.Globalization.UnicodeCategory.EnclosingMark)) kept.Append(rune.ToString());
        return kept.ToString();
    }

    private static Normalizer Prepend(JsonPart part)
    {
        part.AllowOnly("type", "prepend");
        var prefix = part.Require("prepend");
        return prefix.Text().Length <= LongestPrefix ? Prepending(prefix.Text()) : throw prefix.Error($"{prefix.Path} has more than {LongestPrefix} letters");
    }

    private static Normalizer Replace(JsonPart part)
    {
        part.AllowOnly("type", "pattern", "content");
        return Replacing(Replacement.Read(part));
    }

    private static Normalizer Strip(JsonPart part)
    {
        part.AllowOnly("type", "strip_left", "strip_right");
        var (left, right) = (part.Require("strip_left").Flag(), part.Require("strip_right").Flag());
        return new((piece, _) =>
        {
            var text = right ? piece.Text.TrimEnd() : piece.Text;
            var stripped = left ? text.TrimStart() : text;
            return new(stripped, piece.IsFirst && stripped.Length == text.Length);
        });
    }

    /// <summary>BERT's, where all of it is switched off.</summary>
    private static Normalizer Bert(JsonPart part)
    {
        part.AllowOnly("type", "clean_text", "handle_chinese_chars", "lowercase", "strip_accents");
        foreach (var key in (string[])["clean_text", "handle_chinese_chars", "lowercase"])
            if (!part.Require(key).Is(false)) throw part.Require(key).Unsupported("false");
        if (part.Find("strip_accents") is { } accents && !accents.Is(false)) throw accents.Unsupported("false, null"); // null means: where it lowercases
        return new((piece, _) => piece);
    }
}
