using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>A tokenizer's data, read and checked.</summary>
/// <param name="Tokens">Each id's token, null where an id has none.</param>
/// <param name="Added">Tokens that are found before anything else.</param>
/// <param name="Steps">Change a text and cut it into words.</param>
/// <param name="Encoder">Cuts a word into tokens.</param>
/// <param name="Decoder">The steps that put tokens together, in order.</param>
/// <param name="Prefix">Ids that the template puts in front.</param>
/// <param name="Suffix">Ids that the template puts behind.</param>
internal sealed record TokenizerContent(
    IReadOnlyList<string?> Tokens,
    AddedTokens Added,
    TextSteps Steps,
    BytePairEncoder Encoder,
    IReadOnlyList<TokenDecoder> Decoder,
    IReadOnlyList<int> Prefix,
    IReadOnlyList<int> Suffix)
{
    /// <summary>What is odd about the files, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The most tokens that are accepted; known vocabularies have a quarter of a million at most.</summary>
    public const int MostTokens = 1 << 18;

    /// <summary>The most merges that are accepted.</summary>
    public const int MostMerges = 1 << 19;

    private const int HighestId = (4 * MostTokens) - 1;

    /// <summary>Each id's token.</summary>
    /// <param name="file">Names the tokenizer's file in errors.</param>
    /// <param name="vocabulary">Ids by token.</param>
    /// <param name="added">The added tokens.</param>
    /// <exception cref="PatchKernelException">An id has two tokens, or is higher than any vocabulary's.</exception>
    public static string?[] TokensById(string file, Dictionary<string, int> vocabulary, IReadOnlyCollection<AddedToken> added)
    {
        var highest = vocabulary.Values.Concat(added.Select(token => token.Id)).Max();
        if (highest > HighestId) throw Unusable(file, $"its highest id is {highest}, and {HighestId} is the highest that is believed"); // the table is as long
        var tokens = new string?[highest + 1];
        foreach (var (token, id) in vocabulary.Concat(added.Select(token => KeyValuePair.Create(token.Content, token.Id))))
        {
            if (tokens[id] is { } other && other != token) throw Unusable(file, $"id {id} belongs to two tokens, \"{Excerpt.Text(other)}\" and \"{Excerpt.Text(token)}\"");
            tokens[id] = token;
        }
        return tokens;
    }

    /// <summary>The error of a tokenizer that can't be used.</summary>
    public static PatchKernelException Unusable(string file, string what, Exception? cause = null)
    {
        var sentence = $"The tokenizer '{file}' can't be used: {what}.";
        return cause is null ? new(sentence) : new(sentence, cause);
    }
}
