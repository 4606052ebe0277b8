using PatchKernel.Prompts;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>A prompt as the model reads it.</summary>
/// <param name="Text">The text it came from, without the special tokens that the tokenizer adds; null where only ids were given.</param>
/// <param name="Ids">Token ids, special tokens included.</param>
/// <param name="Tokens">The text of each token, one an id; null where only ids were given.</param>
public sealed partial record Prompt(string? Text, IReadOnlyList<int> Ids, IReadOnlyList<string>? Tokens)
{
    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Count;

    /// <summary>Tokens that have a name, such as the subject's, for a sweep by roles; empty where none was given.</summary>
    public IReadOnlyDictionary<string, TokenSpan> Spans { get; init; } = new Dictionary<string, TokenSpan>();

    /// <summary>A prompt of bare ids, taken as they are.</summary>
    public static Prompt FromIds(IReadOnlyList<int> ids) => new(null, ids, null);

    /// <summary>A text in a model's tokens, the template's special tokens added.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="spans">Parts of the text that get a name; a span is every token that overlaps its part.</param>
    /// <exception cref="PatchKernelException">The tokenizer can't spell the text, or a span isn't in it or has a name that means something else.</exception>
    public static Prompt FromText(string text, Tokenizer tokenizer, IReadOnlyDictionary<string, TextRange>? spans = null)
    {
        var ids = tokenizer.Encode(text);
        return new(text, ids, [.. ids.Select(tokenizer.TokenText)])
        {
            Spans = (spans ?? new Dictionary<string, TextRange>()).ToDictionary(span => SpanNames.Checked(span.Key), span => tokenizer.Locate(text, span.Value)),
        };
    }

    /// <summary>The token at a position as charts and tables label it: its text in quotes, or its id.</summary>
    public string Label(int pos) => Tokens is null ? $"{Ids[pos]}" : Quoted.Text(Tokens[pos]);

    /// <summary>The text in quotes, that of the tokens where there is no other, or the ids.</summary>
    public override string ToString() => (Text, Tokens) switch
    {
        ({ } text, _) => Quoted.Text(text),
        (_, { } tokens) => Quoted.Text(string.Concat(tokens)),
        _ => string.Join(',', Ids),
    };
}
