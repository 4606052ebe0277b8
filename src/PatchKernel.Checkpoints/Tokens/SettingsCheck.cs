using System.Globalization;
using PatchKernel.Files;
using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>Compares the small files beside a tokenizer.json with it: other tools, or other versions of them, may give other ids.</summary>
internal static class SettingsCheck
{
    // In transformers 5 these are built from the vocabulary alone and cut texts at spaces that they write as ▁.
    private static readonly HashSet<string> SpaceMarking = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer"];

    /// <summary>Where the files contradict tokenizer.json, or say more than it, one sentence each.</summary>
    public static IReadOnlyList<string> Warnings(TokenizerSettings settings, TokenizerShape shape) =>
    [
        .. settings.Faults,
        .. Template(settings, shape),
        .. Cutting(settings, shape),
        .. Tokens(settings, shape),
        .. Generation(settings, shape),
    ];

    private static IEnumerable<string> Template(TokenizerSettings settings, TokenizerShape shape)
    {
        var file = Path.Combine(settings.Folder, FileNames.TokenizerConfig);
        foreach (var (key, says, name, ids) in new[]
        {
            ("add_bos_token", settings.AddBos, settings.Bos, shape.Prefix),
            ("add_eos_token", settings.AddEos, settings.Eos, shape.Suffix),
        })
        {
            if (says is { } adds && adds != ids.Count > 0)
                yield return $"'{file}' says {key} {(adds ? "true" : "false")}, and tokenizer.json's template adds {(adds ? "none" : Excerpt.List(ids, shape.Name))}: "
                    + $"the template decides, as in transformers 5; transformers 4 could obey {key}, so results made with it may have {(adds ? "that token" : "no such token")}.";
            else if (name is not null && ids.Count > 0 && !ids.Any(id => shape.Added.TryGetValue(name, out var token) && token.Id == id))
                yield return $"'{file}' calls {Quoted.Text(Excerpt.Text(name))} {key[4..]}, and tokenizer.json's template adds {Excerpt.List(ids, shape.Name)}: the template decides.";
        }
    }

    private static IEnumerable<string> Cutting(TokenizerSettings settings, TokenizerShape shape)
    {
        var file = Path.Combine(settings.Folder, FileNames.TokenizerConfig);
        if (settings.AddPrefixSpace is { } adds && adds != shape.AddsPrefixSpace)
            yield return $"'{file}' says add_prefix_space {(adds ? "true" : "false")}, and tokenizer.json {(adds ? "adds no space" : "adds one")}: tokenizer.json decides.";
        if (settings.SplitsSpecial)
            yield return $"'{file}' says split_special_tokens true, so that transformers cuts special tokens in a text like other text; here they stay special tokens.";
        if (settings.OtherVersions.Count > 0)
            yield return $"'{file}' names {Excerpt.List(settings.OtherVersions, Excerpt.Text)} for some versions of transformers; tokenizer.json alone is read here.";
        // Where model_type is llama, transformers 5 takes the class that the file names, and a class of that kind replaces the way in which tokenizer.json
        // cuts words by its own (huggingface/transformers issues 45488 and 45920). GPT2Tokenizer's own way lacks a Split.
        var name = settings.ClassName?.EndsWith("Fast", StringComparison.Ordinal) == true ? settings.ClassName[..^4] : settings.ClassName;
        if (name is not null && ((SpaceMarking.Contains(name) && !shape.MarksSpaces) || (name == "GPT2Tokenizer" && shape.HasSplit)))
            yield return $"'{file}' names the class {Excerpt.Text(settings.ClassName!)}, which in several versions of transformers 5 cuts texts in a way of its own and gets other ids; "
                + "those here are tokenizer.json's, as transformers 4 and tokenizers read it.";
    }

    private static IEnumerable<string> Tokens(TokenizerSettings settings, TokenizerShape shape)
    {
        foreach (var group in settings.Tokens.DistinctBy(side => side.Token.Content).GroupBy(side => side.File))
        {
            var file = Path.Combine(settings.Folder, group.Key);
            var unknown = group.Where(side => !shape.Added.ContainsKey(side.Token.Content)).ToList();
            if (unknown.Count > 0)
                yield return $"'{file}' names {List(unknown)}, which tokenizer.json doesn't have among its added tokens: as in transformers 5, "
                    + $"{(unknown.Count > 1 ? "they are" : "it is")} found in texts all the same.";
            var known = group.Where(side => shape.Added.ContainsKey(side.Token.Content)).ToList();
            var renumbered = known.Where(side => side.Token.Id >= 0 && side.Token.Id != shape.Added[side.Token.Content].Id).ToList();
            if (renumbered.Count > 0)
                yield return $"'{file}' gives {List(renumbered)} other ids than tokenizer.json: tokenizer.json's are taken, as in transformers 5.";
            var switched = known.Where(side => side.Wins && Switches(side.Token) != Switches(shape.Added[side.Token.Content])).ToList();
            if (switched.Count > 0)
                yield return $"'{file}' has other switches (single_word, lstrip, rstrip) for {List(switched)} than tokenizer.json: "
                    + "its own are taken, as in transformers 5.";
        }

        static (bool, bool, bool) Switches(AddedToken token) => (token.SingleWord, token.StripLeft, token.StripRight);

        static string List(IReadOnlyCollection<TokenizerSettings.SideToken> tokens) => Excerpt.List(tokens, side => Quoted.Text(Excerpt.Text(side.Token.Content)));
    }

    private static IEnumerable<string> Generation(TokenizerSettings settings, TokenizerShape shape)
    {
        var file = Path.Combine(settings.Folder, FileNames.GenerationConfig);
        foreach (var (key, ids, name, added) in new[]
        {
            ("bos_token_id", settings.GenerationBos, settings.Bos, shape.Prefix),
            ("eos_token_id", settings.GenerationEos, settings.Eos, shape.Suffix),
        })
        {
            if (ids.Count == 0) continue;
            if (added.FirstOrDefault(id => !ids.Contains(id), -1) is >= 0 and var other)
                yield return $"'{file}' says {key} {Excerpt.List(ids, id => id.ToString(CultureInfo.InvariantCulture))}, and tokenizer.json's template adds {shape.Name(other)}: the template decides.";
            else if (added.Count == 0 && name is not null && shape.Added.TryGetValue(name, out var token) && !ids.Contains(token.Id))
                yield return $"'{file}' says {key} {Excerpt.List(ids, id => id.ToString(CultureInfo.InvariantCulture))}, and the files of the tokenizer call {shape.Name(token.Id)} so: neither is added to a text here.";
        }
    }
}
