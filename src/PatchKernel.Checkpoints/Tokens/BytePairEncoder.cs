using System.Text;
using Microsoft.ML.Tokenizers;
using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>How a vocabulary is used.</summary>
/// <param name="IgnoreMerges">A word that is a token itself is that token, whatever its merges give.</param>
/// <param name="ByteFallback">A letter that isn't in the vocabulary is spelled in bytes, by tokens such as &lt;0xE2&gt;.</param>
/// <param name="Unknown">The token for a letter that can't be spelled; null for none.</param>
/// <param name="FuseUnknown">Neighbouring unknown letters are one token.</param>
internal sealed record VocabularyUse(bool IgnoreMerges = false, bool ByteFallback = false, string? Unknown = null, bool FuseUnknown = false);

/// <summary>Cuts one word into the vocabulary's tokens.</summary>
/// <remarks>
/// Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units" (arXiv:1508.07909).
/// Microsoft.ML.Tokenizers merges words. What it has no notion of, bytes for unknown letters, and texts that are one long word, for which it takes a time that
/// grows with the square of the length, is merged here.
/// </remarks>
internal sealed class BytePairEncoder
{
    /// <summary>The longest word that the package merges.</summary>
    public const int LongestForPackage = 1000;

    private const int LongestForHint = 100;

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _find;
    private readonly VocabularyUse _use;
    private readonly BpeTokenizer? _package;
    private readonly Lazy<PairMerges> _merges;
    private readonly int? _unknown;
    private readonly int?[] _bytes;

    private BytePairEncoder(string file, Dictionary<string, int> vocabulary, VocabularyUse use, BpeTokenizer? package, Lazy<PairMerges> merges)
    {
        (File, _vocabulary, _use, _package, _merges) = (file, vocabulary, use, package, merges);
        _find = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknown = Find(use.Unknown);
        _bytes = [.. Enumerable.Range(0, 256).Select(value => use.ByteFallback ? Find($"<0x{value:X2}>") : null)];

        int? Find(string? token) => token is not null && vocabulary.TryGetValue(token, out var id) ? id : null;
    }

    /// <summary>Names the tokenizer's file in errors.</summary>
    public string File { get; }

    /// <summary>An encoder of words; the package merges them.</summary>
    /// <param name="file">Names the tokenizer's file in errors.</param>
    /// <param name="vocabulary">Ids by token.</param>
    /// <param name="use">How it is used.</param>
    /// <param name="merges">"left right", the most frequent first.</param>
    /// <exception cref="PatchKernelException">A merge is malformed, there twice, or of tokens that the vocabulary lacks.</exception>
    public static BytePairEncoder OfWords(string file, Dictionary<string, int> vocabulary, VocabularyUse use, IReadOnlyList<string> merges)
    {
        try
        {
            return new(file, vocabulary, use, BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges }),
                new(() => PairMerges.OfPairs(file, vocabulary, Pairs(file, merges))));
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            _ = PairMerges.OfPairs(file, vocabulary, Pairs(file, merges)); // says what is wrong, and where
            throw TokenizerContent.Unusable(file, $"its merges don't fit its vocabulary ({Excerpt.Text(error.Message.TrimEnd('.'))})", error);
        }
    }

    private static IEnumerable<(string Left, string Right)> Pairs(string file, IEnumerable<string> merges) => merges.Select(merge => merge.Split(' ') is [var left, var right]
        ? (left, right)
        : throw TokenizerContent.Unusable(file, $"its merges don't fit its vocabulary ({Quoted.Text(Excerpt.Text(merge))} is no pair of tokens)"));

    /// <summary>An encoder of whole texts.</summary>
    public static BytePairEncoder OfTexts(string file, Dictionary<string, int> vocabulary, VocabularyUse use, PairMerges merges) =>
        new(file, vocabulary, use, package: null, new(merges));

    /// <summary>Appends a word's ids.</summary>
    /// <param name="word">The word, in the vocabulary's letters.</param>
    /// <param name="ids">The list that they go to.</param>
    /// <param name="readable">What a token looks like to a reader, for errors.</param>
    /// <exception cref="PatchKernelException">The vocabulary can't spell the word.</exception>
    public void Encode(string word, List<int> ids, Func<string, string> readable)
    {
        if (_use.IgnoreMerges && _vocabulary.TryGetValue(word, out var id)) ids.Add(id);
        // The package would leave out a letter that isn't in the vocabulary.
        else if (_package is not null && word.Length <= LongestForPackage && Knows(word))
            ids.AddRange(_package.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        else if (Spell(word) is { } letters) _merges.Value.Merge(letters, ids);
        else throw Unspellable(word, readable);
    }

    /// <summary>Whether an id is a byte of a letter that the vocabulary lacks.</summary>
    public bool IsByte(int id) => _bytes.Contains(id);

    private bool Knows(string word)
    {
        for (var at = 0; at < word.Length;)
        {
            var letter = LetterAt(word, at);
            if (!_find.ContainsKey(letter)) return false;
            at += letter.Length;
        }
        return true;
    }

    /// <summary>The tokens of a word's letters; null where one can't be spelled.</summary>
    private List<int>? Spell(string word)
    {
        var tokens = new List<int>(word.Length);
        var open = false; // an unknown letter that the next may be fused with; as in the reference implementation bytes between don't part the two, and come before
        for (var at = 0; at < word.Length;)
        {
            var letter = LetterAt(word, at);
            at += letter.Length;
            if (_find.TryGetValue(letter, out var id))
            {
                if (open) tokens.Add(_unknown!.Value);
                open = false;
                tokens.Add(id);
            }
            else if (!AddBytes(letter, tokens))
            {
                if (_unknown is not { } unknown) return null;
                if (open && !_use.FuseUnknown) tokens.Add(unknown);
                open = true;
            }
        }
        if (open) tokens.Add(_unknown!.Value);
        return tokens;
    }

    private bool AddBytes(ReadOnlySpan<char> letter, List<int> tokens)
    {
        Span<byte> utf8 = stackalloc byte[4];
        utf8 = utf8[..Encoding.UTF8.GetBytes(letter, utf8)];
        foreach (var value in utf8)
            if (_bytes[value] is null) return false;
        foreach (var value in utf8) tokens.Add(_bytes[value]!.Value);
        return true;
    }

    private static ReadOnlySpan<char> LetterAt(string word, int at) => word.AsSpan(at, char.IsHighSurrogate(word[at]) ? 2 : 1);

    private PatchKernelException Unspellable(string word, Func<string, string> readable)
    {
        var text = readable(word);
        var near = text.Length > LongestForHint ? [] : NearNames.Of(text, _vocabulary.Keys.Select(readable));
        var hint = near.Count == 0 ? "no word in it is near" : $"near words are {string.Join(", ", near.Select(Quote))}";
        return new($"The vocabulary of '{File}' can't spell {Quote(text)}: {hint}; use words that it has, or another model.");
    }

    private static string Quote(string text) =>
        $"\"{Excerpt.Text(string.Concat(text.Select(c => char.IsControl(c) ? FormattableString.Invariant($"\\u{(int)c:X4}") : c.ToString())))}\"";
}
