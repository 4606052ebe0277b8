using System.Text.Json;

namespace PatchKernel;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c>.</summary>
internal static class TokenizerFile
{
    private const string FileName = "tokenizer.json";

    /// <summary>Reads a file, or the tokenizer.json of a folder.</summary>
    /// <exception cref="PatchKernelException">There is none, it can't be read, or it has a part that isn't supported.</exception>
    public static TokenizerContent Read(string path)
    {
        var file = Locate(path);
        using var document = Parse(file);
        var root = new JsonPart(file, "", document.RootElement);
        try
        {
            return Read(root);
        }
        catch (InvalidOperationException error)
        {
            // The parser leaves texts alone until they are read.
            throw root.Error("it has a text that isn't valid Unicode", error);
        }
    }

    private static TokenizerContent Read(JsonPart root)
    {
        root.AllowOnly("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
            "model");
        if (root.Find("version") is { } version && version.Text() != "1.0") throw version.Unsupported("\"1.0\"");
        foreach (var key in (string[])["truncation", "padding", "normalizer"]) root.RequireNull(key);
        TokenizerParts.CheckDecoder(root.Require("decoder"));
        var preTokenizers = TokenizerParts.PreTokenizers(root.Require("pre_tokenizer"));
        var (prefix, suffix) = TokenizerParts.Template(root.Find("post_processor"));
        var model = root.Require("model");
        var vocabulary = TokenizerParts.Vocabulary(model);
        var added = TokenizerParts.AddedTokens(root.Find("added_tokens"), vocabulary);
        var tokens = TokenizerContent.TokensById(root.File, vocabulary, added);
        foreach (var id in prefix.Concat(suffix))
            if (id >= tokens.Length || tokens[id] is null) throw root.Error($"its post_processor adds the id {id}, which no token has");
        return new(tokens, new AddedTokens(added), preTokenizers, TokenizerParts.Encoder(model, vocabulary), prefix, suffix);
    }

    private static string Locate(string path)
    {
        if (File.Exists(path)) return path;
        if (!Directory.Exists(path)) throw new PatchKernelException($"There is no folder or file '{path}' to read a tokenizer from.");
        var file = Path.Combine(path, FileName);
        return File.Exists(file) ? file : throw new PatchKernelException(
            $"There is no {FileName} in '{path}': put the checkpoint's own there, or give token ids instead of text.");
    }

    private static JsonDocument Parse(string file)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file));
        }
        catch (JsonException error)
        {
            var reason = error.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            var place = FormattableString.Invariant($"line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}");
            throw new PatchKernelException($"'{file}' isn't valid JSON at {place}: {reason}.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"'{file}' can't be read: {error.Message}", error);
        }
    }
}
