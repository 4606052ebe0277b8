using System.Text.Json;
using PatchKernel.Files;
using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>The settings in the small files beside a tokenizer.json.</summary>
/// <remarks>
/// transformers 5 (tokenization_utils_base.py, tokenization_utils_tokenizers.py) takes from them: the class from tokenizer_config.json's tokenizer_class;
/// no add_bos_token and no add_eos_token, since tokenizer.json's template decides; every token of added_tokens_decoder, which is added to tokenizer.json's
/// own with its own switches, but tokenizer.json's id; and each special token (bos_token and the like, extra_special_tokens) that isn't an added token yet.
/// Only where there is no added_tokens_decoder does it read special_tokens_map.json, whose entries win, and added_tokens.json, whose ids don't.
/// generation_config.json has no part in ids.
/// </remarks>
internal sealed record TokenizerSettings
{
    private static readonly string[] Named = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>A token that a file beside tokenizer.json names.</summary>
    /// <param name="Token">The token; its id is the file's, or -1.</param>
    /// <param name="File">The file.</param>
    /// <param name="Wins">Whether its switches count where tokenizer.json has the token too.</param>
    public sealed record SideToken(AddedToken Token, string File, bool Wins);

    private readonly List<SideToken> tokens = [];
    private readonly List<string> faults = [];

    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>tokenizer_config.json's add_bos_token.</summary>
    public bool? AddBos { get; private set; }

    /// <summary>tokenizer_config.json's add_eos_token.</summary>
    public bool? AddEos { get; private set; }

    /// <summary>tokenizer_config.json's add_prefix_space.</summary>
    public bool? AddPrefixSpace { get; private set; }

    /// <summary>Whether special tokens in a text are cut like other text.</summary>
    public bool SplitsSpecial { get; private set; }

    /// <summary>tokenizer_config.json's class.</summary>
    public string? ClassName { get; private set; }

    /// <summary>Other files than tokenizer.json that some versions of transformers read in its place.</summary>
    public IReadOnlyList<string> OtherVersions { get; private set; } = [];

    /// <summary>The texts of the tokens that have names, such as bos_token and image_token, by these.</summary>
    public IReadOnlyDictionary<string, string> NamedTexts { get; private set; } = new Dictionary<string, string>();

    /// <summary>The text that is called BOS.</summary>
    public string? Bos { get; private set; }

    /// <summary>The text that is called EOS.</summary>
    public string? Eos { get; private set; }

    /// <summary>generation_config.json's BOS; empty where it has none.</summary>
    public IReadOnlyList<int> GenerationBos { get; private set; } = [];

    /// <summary>generation_config.json's EOS, one or several.</summary>
    public IReadOnlyList<int> GenerationEos { get; private set; } = [];

    /// <summary>The tokens that the files name, in the order in which transformers adds them.</summary>
    public IReadOnlyList<SideToken> Tokens => tokens;

    /// <summary>Files that couldn't be read, one sentence each.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>Reads a folder's files; a missing one is skipped, a broken one gives a warning.</summary>
    public static TokenizerSettings Read(string folder)
    {
        var settings = new TokenizerSettings { Folder = folder };
        var (special, listed) = (new Dictionary<string, SideToken>(), false);
        settings.Try(FileNames.TokenizerConfig, config => listed = settings.ReadConfig(config, special));
        if (!listed)
        {
            settings.Try(FileNames.SpecialTokens, map => ReadSpecial(map, FileNames.SpecialTokens, special));
            settings.Try(FileNames.OtherTokens, added => settings.ReadAdded(added, special));
        }
        (settings.Bos, settings.Eos) = (special.GetValueOrDefault("bos_token")?.Token.Content, special.GetValueOrDefault("eos_token")?.Token.Content);
        settings.NamedTexts = special.Where(entry => entry.Key.EndsWith("_token", StringComparison.Ordinal)).ToDictionary(entry => entry.Key, entry => entry.Value.Token.Content);
        settings.tokens.AddRange(Named.Where(special.ContainsKey).Select(name => special[name]));
        settings.tokens.AddRange(special.Where(entry => !Named.Contains(entry.Key)).Select(entry => entry.Value));
        settings.Try(FileNames.GenerationConfig, generation =>
        {
            settings.GenerationBos = Ids(generation.Find("bos_token_id"));
            settings.GenerationEos = Ids(generation.Find("eos_token_id"));
        });
        return settings;
    }

    /// <summary>Combines these with tokenizer.json's added tokens, as transformers 5 and tokenizers do.</summary>
    /// <param name="added">Those of tokenizer.json.</param>
    /// <param name="vocabulary">Its ids by token.</param>
    public List<AddedToken> AddTo(IReadOnlyList<AddedToken> added, Dictionary<string, int> vocabulary)
    {
        var all = added.ToList();
        var places = all.Select((token, place) => (token.Content, place)).ToDictionary();
        var next = all.Select(token => token.Id + 1).Append(vocabulary.Count).Max();
        foreach (var (token, _, wins) in tokens)
        {
            if (places.TryGetValue(token.Content, out var place))
            {
                if (wins) all[place] = token with { Id = all[place].Id, Normalized = all[place].Normalized };
                continue;
            }
            places.Add(token.Content, all.Count);
            all.Add(token with { Id = vocabulary.TryGetValue(token.Content, out var id) ? id : next++ });
        }
        return all;
    }

    private bool ReadConfig(JsonPart config, Dictionary<string, SideToken> special)
    {
        AddBos = config.Find("add_bos_token")?.Flag();
        AddEos = config.Find("add_eos_token")?.Flag();
        AddPrefixSpace = config.Find("add_prefix_space")?.Flag();
        SplitsSpecial = config.Find("split_special_tokens")?.Flag() ?? false;
        ClassName = config.Find("tokenizer_class")?.Text();
        OtherVersions = [.. config.Find("fast_tokenizer_files")?.Items().Select(file => file.Text()).Where(file => file != "tokenizer.json") ?? []];
        ReadSpecial(config, FileNames.TokenizerConfig, special);
        if (config.Find("added_tokens_decoder") is not { } decoder) return false;
        tokens.AddRange(decoder.AtMost(TokenizerContent.MostTokens).Members()
            .Select(entry => Token(entry, FileNames.TokenizerConfig, isSpecial: false, wins: true, id: int.TryParse(entry.Key, out var id) ? id : throw entry.Wrong("a token by its id")))
            .Where(token => token.Token.Content.Length > 0).OrderBy(token => token.Token.Id));
        return true;
    }

    /// <summary>Reads the named special tokens and the additional ones, from either file that has them.</summary>
    private static void ReadSpecial(JsonPart map, string file, Dictionary<string, SideToken> special)
    {
        foreach (var entry in map.Members())
        {
            // Keys such as image_token name special tokens too, where they hold a text; add_bos_token doesn't.
            var isToken = Named.Contains(entry.Key) ? map.Find(entry.Key) is not null
                : entry.Key.EndsWith("_token", StringComparison.Ordinal) && entry.Element.ValueKind == JsonValueKind.String;
            if (isToken) Add(entry.Key, entry);
        }
        if ((map.Find("extra_special_tokens") ?? map.Find("additional_special_tokens")) is not { } more) return;
        var items = more.Element.ValueKind == JsonValueKind.Object ? more.Members() : more.AtMost(TokenizerContent.MostTokens).Items();
        foreach (var item in items) Add(item.Path, item);

        void Add(string name, JsonPart part)
        {
            var token = Token(part, file, isSpecial: true, wins: false, id: -1);
            if (token.Token.Content.Length > 0) special[name] = token;
        }
    }

    private void ReadAdded(JsonPart added, Dictionary<string, SideToken> special)
    {
        var names = special.Values.Select(token => token.Token.Content).ToHashSet();
        tokens.AddRange(added.AtMost(TokenizerContent.MostTokens).Members().Where(entry => entry.Key.Length > 0).OrderBy(entry => entry.Id())
            .Select(entry => new SideToken(new(entry.Id(), entry.Key, false, false, false, Normalized: !names.Contains(entry.Key)), FileNames.OtherTokens, Wins: false)));
    }

    /// <summary>A token, by its text alone or with its switches.</summary>
    private static SideToken Token(JsonPart part, string file, bool isSpecial, bool wins, int id)
    {
        if (part.Element.ValueKind == JsonValueKind.String) return new(new(id, part.Text(), false, false, false, !isSpecial), file, wins);
        var normalized = part.Find("normalized")?.Flag() ?? !(isSpecial || Is("special"));
        return new(new(id, part.Require("content").Text(), Is("single_word"), Is("lstrip"), Is("rstrip"), normalized), file, wins);

        bool Is(string key) => part.Find(key)?.Flag() ?? false;
    }

    private static int[] Ids(JsonPart? part) => [.. part?.OneOrSeveral().Select(id => id.Whole()) ?? []];

    private void Try(string name, Action<JsonPart> read)
    {
        var file = Path.Combine(Folder, name);
        if (!File.Exists(file)) return;
        try
        {
            JsonFile.Read(file, json =>
            {
                read(new JsonPart("file", file, json));
                return true;
            });
        }
        catch (PatchKernelException e)
        {
            faults.Add($"{e.Message[..^1]}; what it says of the tokenizer after that is left aside.");
        }
    }
}
