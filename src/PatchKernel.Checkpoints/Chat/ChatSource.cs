using System.Text;
using System.Text.Json;
using PatchKernel.Files;
using PatchKernel.Gguf;
using PatchKernel.Json;
using PatchKernel.Tokens;

namespace PatchKernel.Chat;

/// <summary>A chat template as it is stored.</summary>
/// <param name="Text">The template.</param>
/// <param name="File">The file that has it.</param>
/// <param name="Tokens">The special tokens' texts by name, such as bos_token.</param>
internal sealed record ChatSource(string Text, string File, IReadOnlyDictionary<string, string> Tokens)
{
    private const string TemplateKey = "chat_template";
    private const string GgufTemplateKey = "tokenizer.chat_template";
    private const int MostTemplates = 64;

    private static readonly (string Key, string Name)[] GgufTokens =
    [
        ("tokenizer.ggml.bos_token_id", "bos_token"), ("tokenizer.ggml.eos_token_id", "eos_token"), ("tokenizer.ggml.unknown_token_id", "unk_token"),
        ("tokenizer.ggml.padding_token_id", "pad_token"), ("tokenizer.ggml.seperator_token_id", "sep_token"), ("tokenizer.ggml.cls_token_id", "cls_token"),
        ("tokenizer.ggml.mask_token_id", "mask_token"),
    ];

    /// <summary>A folder's: chat_template.jinja, and where that isn't there, what tokenizer_config.json has; null for none.</summary>
    /// <exception cref="PatchKernelException">A file can't be read.</exception>
    public static ChatSource? Of(string folder)
    {
        var (own, config) = (Path.Combine(folder, FileNames.ChatTemplate), Path.Combine(folder, FileNames.TokenizerConfig));
        if (InputFile.Exists(own)) return new(OfFile(own), own, TokenizerSettings.Read(folder).NamedTexts);
        return InputFile.Exists(config) && JsonFile.Read(config, json => OfConfig(new JsonPart("file", config, json))) is { } text
            ? new(text, config, TokenizerSettings.Read(folder).NamedTexts)
            : null;
    }

    /// <summary>A GGUF file's; null for none.</summary>
    /// <exception cref="PatchKernelException">It can't be read.</exception>
    public static ChatSource? Of(GgufMetadata metadata)
    {
        if (metadata.Text(GgufTemplateKey) is not { } text) return null;
        var tokens = metadata.Texts(GgufTokenizer.TokensKey, TokenizerContent.MostTokens) ?? [];
        var named = GgufTokens.Select(token => (token.Name, Id: metadata.Index(token.Key))).Where(token => token.Id < tokens.Length);
        return new(text, metadata.Path, named.ToDictionary(token => token.Name, token => tokens[token.Id!.Value]));
    }

    private static string OfFile(string path)
    {
        var bytes = JsonFile.Bytes(path);
        if (JsonFault.OfUtf8(bytes.Span) is { } bad) throw new PatchKernelException($"'{path}' isn't UTF-8 text at line {bad.Line}, column {bad.Column}.");
        return Encoding.UTF8.GetString(bytes.Span);
    }

    /// <summary>One template, or of several the one that is called default.</summary>
    private static string? OfConfig(JsonPart config)
    {
        if (config.Find(TemplateKey) is not { } template) return null;
        if (template.Element.ValueKind != JsonValueKind.Array) return template.Text();
        var several = template.AtMost(MostTemplates).Items().Select(one => (Name: one.Require("name").Text(), Text: one.Require("template").Text())).ToList();
        return several.FindLast(one => one.Name == "default").Text ?? throw template.Error($"its {TemplateKey} has several templates, and none of them is called default");
    }
}
