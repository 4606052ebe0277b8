using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>Parts of a tokenizer.json that change no id; refused by name if that isn't certain.</summary>
internal static class InertParts
{
    /// <summary>Checks that truncation and padding are objects or null: transformers switches both off for a single text, whatever the file says.</summary>
    public static void CheckLengths(JsonPart root)
    {
        foreach (var key in (string[])["truncation", "padding"]) _ = root.Find(key)?.Members();
    }

    /// <summary>Checks that a normalizer, if there is one, leaves every text as it is.</summary>
    public static void CheckNormalizer(JsonPart? part)
    {
        if (part is null) return;
        if (part.Find("type")?.Is("Sequence") == true)
        {
            part.AllowOnly("type", "normalizers");
            foreach (var step in part.Require("normalizers").Items()) CheckNormalizer(step);
        }
        else if (!LeavesTexts(part)) throw part.Unsupported("null");
    }

    /// <summary>Checks that tokens are put together again as bytes.</summary>
    /// <remarks>A decoder has no part in ids. Without one transformers shows a token in the byte alphabet; here its text is shown all the same.</remarks>
    public static void CheckDecoder(JsonPart? part)
    {
        if (part is null) return;
        var type = part.Require("type");
        if (type.Is("Sequence"))
        {
            part.AllowOnly("type", "decoders");
            foreach (var step in part.Require("decoders").Items()) CheckDecoder(step);
        }
        else if (type.Is("Fuse")) part.AllowOnly("type"); // joins the tokens, as putting bytes together does
        else TokenizerParts.CheckByteLevel(part);
    }

    private static bool LeavesTexts(JsonPart part) => part.Require("type").Text() switch
    {
        "Prepend" => Is(part, "prepend", ""),
        "Strip" => Is(part, "strip_left", false) && Is(part, "strip_right", false),
        "Replace" => part.Find("pattern")?.Find("String") is { } text && Is(part, "content", text.Text()),
        "BertNormalizer" => Is(part, "clean_text", false) && Is(part, "handle_chinese_chars", false) && Is(part, "lowercase", false)
            && (part.Find("strip_accents") is not { } accents || accents.Is(false)), // null means: where it lowercases
        _ => false,
    };

    private static bool Is(JsonPart part, string key, object value) => part.Find(key)?.Is(value) == true;
}
