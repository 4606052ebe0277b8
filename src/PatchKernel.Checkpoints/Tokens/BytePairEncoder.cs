using Microsoft.ML.Tokenizers;
using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>Cuts one word into the vocabulary's tokens.</summary>
/// <remarks>
/// Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units" (arXiv:1508.07909).
/// Microsoft.ML.Tokenizers does the merging.
/// </remarks>
internal sealed class BytePairEncoder
{
    private readonly string _file;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly BpeTokenizer _bpe;
    private readonly bool _ignoreMerges;

    /// <summary>Names the tokenizer's file in errors.</summary>
    public string File => _file;

    /// <summary>An encoder.</summary>
    /// <param name="file">Names the tokenizer's file in errors.</param>
    /// <param name="vocabulary">Ids by token, in the byte alphabet.</param>
    /// <param name="merges">"left right", the most frequent first.</param>
    /// <param name="ignoreMerges">A word that is a token itself is that token, whatever its merges give.</param>
    /// <exception cref="PatchKernelException">A merge is malformed, there twice, or of tokens that the vocabulary lacks.</exception>
    public BytePairEncoder(string file, Dictionary<string, int> vocabulary, IEnumerable<string> merges, bool ignoreMerges)
    {
        _file = file;
        _vocabulary = vocabulary;
        _ignoreMerges = ignoreMerges;
        try
        {
            _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges });
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            throw TokenizerContent.Unusable(file, $"its merges don't fit its vocabulary ({Excerpt.Text(error.Message.TrimEnd('.'))})", error);
        }
    }

    /// <summary>Appends a word's ids.</summary>
    /// <param name="word">The word as text.</param>
    /// <param name="ids">The list that they go to.</param>
    /// <exception cref="PatchKernelException">The vocabulary can't spell the word.</exception>
    public void Encode(string word, List<int> ids)
    {
        var letters = ByteAlphabet.FromText(word);
        if (_ignoreMerges && _vocabulary.TryGetValue(letters, out var id))
        {
            ids.Add(id);
            return;
        }
        // The library would leave out a letter that isn't in the vocabulary.
        if (!letters.All(letter => _vocabulary.ContainsKey(letter.ToString()))) throw Unspellable(word);
        ids.AddRange(_bpe.EncodeToIds(letters, considerPreTokenization: false, considerNormalization: false));
    }

    private PatchKernelException Unspellable(string word)
    {
        var near = NearNames.Of(word, _vocabulary.Keys.Select(token => ByteAlphabet.ToText(ByteAlphabet.ToBytes(token))));
        var hint = near.Count == 0 ? "no word in it is near" : $"near words are {string.Join(", ", near.Select(Quote))}";
        return new($"The vocabulary of '{_file}' can't spell {Quote(word)}: {hint}; use words that it has, or another model.");
    }

    private static string Quote(string text) =>
        $"\"{Excerpt.Text(string.Concat(text.Select(c => char.IsControl(c) ? FormattableString.Invariant($"\\u{(int)c:X4}") : c.ToString())))}\"";
}
