using System.Text;
using PatchKernel.Gguf;
using PatchKernel.Hub;
using PatchKernel.Text;
using PatchKernel.Tokens;

namespace PatchKernel;

/// <summary>Turns text into a model's token ids and back: BPE, of bytes or of SentencePiece's kind, as a Hugging Face <c>tokenizer.json</c> or a GGUF file describes it.</summary>
/// <remarks>
/// It gives the ids of Hugging Face's tokenizers library. Of a folder the tokens that <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and
/// <c>added_tokens.json</c> add are taken as transformers 5 takes them, and <see cref="Warnings"/> says where they contradict <c>tokenizer.json</c>, which decides.
/// Where that library drops a letter that the vocabulary lacks, this one refuses the text. A tokenizer doesn't change.
/// </remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed partial class Tokenizer : IShowsHtml
{
    private readonly TokenizerContent _content;

    private Tokenizer(TokenizerContent content) => _content = content;

    /// <summary>The highest id + 1, added tokens included; a model's own vocabulary may be larger.</summary>
    public int VocabularySize => _content.Tokens.Count;

    /// <summary>The id that the template puts first; null for none.</summary>
    public int? BosId => _content.Prefix.Count > 0 ? _content.Prefix[0] : null;

    /// <summary>Warnings about its files, one sentence each: contradictions between them, or a missing rule for cutting text.</summary>
    public IReadOnlyList<string> Warnings => _content.Warnings;

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="model">
    /// A checkpoint's folder with its <c>tokenizer.json</c>, that file, a GGUF file, or a name on the Hugging Face hub, <c>org/name</c> or
    /// <c>org/name@revision</c>, of which the small files alone are downloaded.
    /// </param>
    /// <exception cref="PatchKernelException">There is no such file, it can't be read, or it has a part that isn't supported.</exception>
    public static Tokenizer Load(string model)
    {
        var path = ModelPlace.Find(model, HubNeed.Settings).Folder;
        if (!GgufFile.IsAt(path)) return new(TokenizerFile.Read(path));
        using var file = GgufFile.Open(path);
        return Load(file.Metadata);
    }

    /// <summary>Reads a checkpoint folder's tokenizer.</summary>
    /// <exception cref="PatchKernelException">It has none that can be used.</exception>
    internal static Tokenizer OfFolder(string folder) => new(TokenizerFile.Read(folder));

    /// <summary>Reads the tokenizer of a GGUF file.</summary>
    /// <exception cref="PatchKernelException">It has none, or one that isn't supported.</exception>
    internal static Tokenizer Load(GgufMetadata metadata) => new(GgufTokenizer.Read(metadata));

    /// <summary>The token ids of a text.</summary>
    /// <param name="text">Any text; half a surrogate pair counts as U+FFFD. Special tokens inside it are recognised.</param>
    /// <param name="addSpecialTokens">Whether the template's own tokens, such as BOS, are added.</param>
    /// <exception cref="PatchKernelException">
    /// The vocabulary can't spell a word, and the message has near ones; or a pattern of the tokenizer's file is one that doesn't end.
    /// </exception>
    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        if (addSpecialTokens) ids.AddRange(_content.Prefix);
        foreach (var part in _content.Added.Split(WithoutHalfPairs(text)))
        {
            if (part.Id is { } id) ids.Add(id);
            else Encode(part.Piece, ids);
        }
        if (addSpecialTokens) ids.AddRange(_content.Suffix);
        return ids;
    }

    /// <summary>The tokens of a text that overlap a range of it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The range, in code points.</param>
    /// <param name="addSpecialTokens">Whether the template's own tokens are counted, which stand in front.</param>
    /// <returns>Positions in what <see cref="Encode(string, bool)"/> gives.</returns>
    /// <exception cref="PatchKernelException">The text has no such range, or no token stands for it; or the vocabulary can't spell the text.</exception>
    public TokenSpan Locate(string text, TextRange range, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var whole = WithoutHalfPairs(text);
        int[] starts = [.. RuneStarts(whole), whole.Length];
        if (range.Start < 0 || range.End <= range.Start || range.End >= starts.Length)
            throw new PatchKernelException($"The range {range.Start} to {range.End} isn't in the text {Quoted.Text(Excerpt.Text(text))}, which has {starts.Length - 1} characters; give a first one and the one behind the last.");
        var shift = addSpecialTokens ? _content.Prefix.Count : 0;
        return Patiently(() => new TokenPlaces(_content, Label).Of(whole, starts[range.Start], starts[range.End])) is { } span
            ? new(span.Start + shift, span.End + shift)
            : throw new PatchKernelException($"No token stands for {Quoted.Text(whole[starts[range.Start]..starts[range.End]])} in {Quoted.Text(Excerpt.Text(text))}; choose another range.");
    }

    /// <summary>The text of token ids, special tokens kept; bytes that make no character become U+FFFD.</summary>
    /// <exception cref="PatchKernelException">An id has no token.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        IReadOnlyList<string> tokens = [.. ids.Select(id => _content.Added.FormOf(id) ?? Token(id) ?? throw NoToken(id))];
        var patience = new Patience(tokens.Sum(token => token.Length));
        return Patiently(() => string.Concat(_content.Decoder.Aggregate(tokens, (texts, step) => step.Apply(texts, patience))));
    }

    /// <summary>One token's text for a chart: never empty, with a label such as <c>&lt;0xE2 0x80&gt;</c> for half a character.</summary>
    /// <param name="id">Any id; one without a token, which a model's padded vocabulary may have, gives <c>&lt;id 128300&gt;</c>.</param>
    public string TokenText(int id)
    {
        var label = Token(id) is { } token ? Label(token) : "";
        return label.Length > 0 ? label : FormattableString.Invariant($"<id {id}>");
    }

    /// <summary>Its line.</summary>
    public string ToHtml() => Html.Frame(Html.Line(Html.Text(ToString())));

    /// <summary>How many tokens it has, and which one comes first.</summary>
    public override string ToString()
    {
        var first = BosId is { } bos ? $"; {TokenText(bos)} ({bos}) comes first" : "";
        return FormattableString.Invariant($"Tokenizer of {VocabularySize:N0} tokens{first}");
    }

    private string? Token(int id) => id >= 0 && id < VocabularySize ? _content.Tokens[id] : null;

    private PatchKernelException NoToken(int id) =>
        new(FormattableString.Invariant($"The tokenizer has no token with id {id}; its ids run from 0 to {VocabularySize - 1}."));

    private string Label(string token) => Patiently(() => _content.Decoder.Aggregate(token, (text, step) => step.Label(text)));

    private void Encode(Piece text, List<int> ids)
    {
        var patience = new Patience(text.Text.Length);
        foreach (var part in _content.Added.SplitNormalized(Patiently(() => _content.Steps.Normalize(text, patience))))
        {
            if (part.Id is { } id) ids.Add(id);
            else
                foreach (var word in Patiently(() => _content.Steps.Words(part.Piece, patience))) _content.Encoder.Encode(word.Text, ids, Label);
        }
    }

    private T Patiently<T>(Func<T> work) => Patience.For(_content.Encoder.File, work);

    private static IEnumerable<int> RuneStarts(string text)
    {
        for (var at = 0; at < text.Length; at += char.IsHighSurrogate(text[at]) ? 2 : 1) yield return at;
    }

    private static string WithoutHalfPairs(string text)
    {
        if (!text.Any(char.IsSurrogate)) return text;
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) whole.Append(rune.ToString());
        return whole.ToString();
    }
}
