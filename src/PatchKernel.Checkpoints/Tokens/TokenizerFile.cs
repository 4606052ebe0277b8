using System.Text.Json;
using PatchKernel.Files;
using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c>.</summary>
internal static class TokenizerFile
{
    private const string FileName = "tokenizer.json";

    /// <summary>Reads a file, or a folder's tokenizer.json together with the small files beside it.</summary>
    /// <exception cref="PatchKernelException">There is none, it can't be read, or it has a part that isn't supported.</exception>
    public static TokenizerContent Read(string path)
    {
        var file = Locate(path);
        var settings = Directory.Exists(path) ? TokenizerSettings.Read(path) : null;
        return Patience.For(file, () => JsonFile.Read(file, json => Read(new JsonPart("tokenizer", file, json), settings)));
    }

    /// <summary>Reads and checks a folder's tokenizer.json without its vocabulary and merges, in a tenth of the time.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or it has a part that isn't supported.</exception>
    public static TokenizerShape ReadShape(string folder)
    {
        var file = Path.Combine(folder, FileName);
        var bytes = JsonFile.Bytes(file);
        return Patience.For(file, () => JsonFile.Parse(WithoutTables(bytes) ?? bytes, $"'{file}'", json => Shape(new JsonPart("tokenizer", file, json))));
    }

    /// <summary>Whether a folder has the file.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Says why a folder has no tokenizer, what it has instead, and what to do.</summary>
    public static string Missing(string folder)
    {
        bool Has(string name) => File.Exists(Path.Combine(folder, name));
        const string convert = "in Python, AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) of transformers writes a tokenizer.json from it";
        var found = Has("tokenizer.model")
                ? $", only a tokenizer.model in {(IsTikToken(Path.Combine(folder, "tokenizer.model")) ? "Llama 3's own" : "SentencePiece's")} format: {convert}, or give token ids instead of text."
            : Has("vocab.json") && Has("merges.txt") ? $", only vocab.json and merges.txt: {convert.Replace(" from it", " from them", StringComparison.Ordinal)}, or give token ids instead of text."
            : ": put the checkpoint's own there, or give token ids instead of text.";
        return $"There is no {FileName} in '{folder}'{found}";
    }

    private static TokenizerContent Read(JsonPart root, TokenizerSettings? settings)
    {
        var shape = Shape(root);
        var model = root.Require("model");
        var vocabulary = TokenizerParts.Vocabulary(model);
        var added = TokenizerParts.AddedTokens(root.Find("added_tokens"), vocabulary);
        if (settings is not null) added = settings.AddTo(added, vocabulary);
        var tokens = TokenizerContent.TokensById(root.File, vocabulary, added);
        foreach (var id in shape.Prefix.Concat(shape.Suffix))
            if (id >= tokens.Length || tokens[id] is null) throw root.Error($"its post_processor adds the id {id}, which no token has");
        return new(
            tokens, new AddedTokens(root.File, added, Normalizing(shape.Steps, added)), shape.Steps, TokenizerParts.Encoder(model, vocabulary), shape.Decoder, shape.Prefix, shape.Suffix)
        {
            Warnings = settings is null ? [] : SettingsCheck.Warnings(settings, shape),
        };
    }

    /// <summary>What the normalizer makes of added tokens, with patience for all of them together.</summary>
    private static Func<string, string> Normalizing(TextSteps steps, IEnumerable<AddedToken> tokens)
    {
        var patience = new Patience(tokens.Sum(token => token.Content.Length));
        return text =>
        {
            patience.Check();
            return steps.Normalize(new(text, IsFirst: true), patience).Text;
        };
    }

    private static TokenizerShape Shape(JsonPart root)
    {
        root.AllowOnly("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
            "model");
        if (root.Find("version") is { } version && version.Text() != "1.0") throw version.Unsupported("\"1.0\"");
        // transformers switches both off for a single text, whatever the file says.
        foreach (var key in (string[])["truncation", "padding"]) _ = root.Find(key)?.Members();
        var steps = new TextSteps(Normalizer.Read(root.Find("normalizer")), PreTokenizer.Read(root.Find("pre_tokenizer")));
        TextSteps.CheckGrowth(root, "normalizer and pre_tokenizer", [.. steps.Normalizers.Select(step => step.Growth), .. steps.PreTokenizers.Select(step => step.Growth)]);
        var (prefix, suffix) = TokenizerParts.Template(root.Find("post_processor"));
        TokenizerParts.CheckModel(root.Require("model"));
        var added = TokenizerParts.AddedTokens(root.Find("added_tokens"), []);
        return new(steps, Decoder(root, steps), prefix, suffix, added.ToDictionary(token => token.Content))
        {
            HasSplit = TokenizerParts.Has(root.Find("pre_tokenizer"), "pretokenizers", "Split"),
            AddsPrefixSpace = steps.Written("a").Length > 1,
            MarksSpaces = steps.Written("a a").Contains('▁'),
        };
    }

    /// <summary>The decoder's steps. Where there is none the library puts a space between tokens, bytes as letters; here bytes are shown as what they stand for all the same.</summary>
    private static IReadOnlyList<TokenDecoder> Decoder(JsonPart root, TextSteps steps)
    {
        if (root.Find("decoder") is not { } part) return [steps.WritesByteLetters ? TokenDecoder.ByteLevel : TokenDecoder.Spaced];
        var decoder = TokenDecoder.Read(part);
        TextSteps.CheckGrowth(root, "decoder", decoder.Select(step => step.Growth));
        return decoder;
    }

    /// <summary>The JSON with an empty vocab and empty merges in its model; null where it isn't valid.</summary>
    private static ReadOnlyMemory<byte>? WithoutTables(ReadOnlyMemory<byte> json)
    {
        try
        {
            var rest = new MemoryStream();
            var reader = new Utf8JsonReader(json.Span);
            var (done, inModel) = (0, false);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                if (reader.CurrentDepth == 1) inModel = reader.ValueTextEquals("model");
                else if (reader.CurrentDepth == 2 && inModel && (reader.ValueTextEquals("vocab") || reader.ValueTextEquals("merges")))
                {
                    reader.Read();
                    if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) continue;
                    rest.Write(json.Span[done..(int)reader.TokenStartIndex]);
                    rest.Write(reader.TokenType == JsonTokenType.StartObject ? "{}"u8 : "[]"u8);
                    reader.Skip();
                    done = (int)reader.BytesConsumed;
                }
            }
            rest.Write(json.Span[done..]);
            return rest.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second for texts that are no Unicode
        {
            return null; // the parser says what is wrong, and where
        }
    }

    /// <summary>Whether a tokenizer.model is a text of lines such as <c>IQ== 0</c>.</summary>
    private static bool IsTikToken(string path)
    {
        try
        {
            using var file = new StreamReader(InputFile.Open(path));
            var start = new char[200];
            var line = new string(start, 0, file.Read(start)).Split('\n')[0];
            return line.Split(' ') is [var token, var rank] && int.TryParse(rank, out _) && Convert.TryFromBase64String(token, new byte[200], out _);
        }
        catch (Exception e) when (e is IOException or PatchKernelException)
        {
            return false;
        }
    }

    private static string Locate(string path)
    {
        if (File.Exists(path)) return path;
        if (!Directory.Exists(path)) throw new PatchKernelException($"There is no folder or file '{path}' to read a tokenizer from.");
        return IsIn(path) ? Path.Combine(path, FileName) : throw new PatchKernelException(Missing(path));
    }
}
