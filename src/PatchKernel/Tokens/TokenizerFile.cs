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
        return JsonFile.Read(file, json => Read(new JsonPart("tokenizer", file, json)));
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
}
