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

    /// <summary>A prompt of bare ids, taken as they are.</summary>
    public static Prompt FromIds(IReadOnlyList<int> ids) => new(null, ids, null);

    /// <summary>A text in a model's tokens, the template's special tokens added.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell the text.</exception>
    public static Prompt FromText(string text, Tokenizer tokenizer)
    {
        var ids = tokenizer.Encode(text);
        return new(text, ids, [.. ids.Select(tokenizer.TokenText)]);
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
