using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>A tokenizer.json without its vocabulary and merges.</summary>
/// <param name="Steps">Change a text and cut it into words.</param>
/// <param name="Decoder">The steps that put tokens together, in order.</param>
/// <param name="Prefix">Ids that the template puts in front.</param>
/// <param name="Suffix">Ids that the template puts behind.</param>
/// <param name="Added">Its added tokens, by their text.</param>
internal sealed record TokenizerShape(
    TextSteps Steps, IReadOnlyList<TokenDecoder> Decoder, IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix, IReadOnlyDictionary<string, AddedToken> Added)
{
    /// <summary>Whether a space is put before a text that has none.</summary>
    public required bool AddsPrefixSpace { get; init; }

    /// <summary>Whether spaces are written as ▁.</summary>
    public required bool MarksSpaces { get; init; }

    /// <summary>Whether a text is cut by a pattern of the file's own.</summary>
    public required bool HasSplit { get; init; }

    /// <summary>The text of an added token, or its id in words.</summary>
    public string Name(int id) =>
        Added.Values.FirstOrDefault(token => token.Id == id) is { } token ? FormattableString.Invariant($"{Quoted.Text(Excerpt.Text(token.Content))} ({id})") : FormattableString.Invariant($"the id {id}");
}
