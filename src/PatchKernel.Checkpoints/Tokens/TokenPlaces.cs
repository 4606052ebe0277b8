using System.Text;

namespace PatchKernel.Tokens;

/// <summary>Which tokens stand for which part of a text.</summary>
/// <remarks>
/// Tokens are counted in the letters of the words that the encoder gets, whatever normalizer and pre-tokenizer have made of the text; the same steps over the text up
/// to a place say how many of these letters come before it.
/// </remarks>
/// <param name="content">The tokenizer's data.</param>
/// <param name="readable">What a token looks like to a reader, for errors.</param>
internal sealed class TokenPlaces(TokenizerContent content, Func<string, string> readable)
{
    /// <summary>The tokens that overlap a range; null where none does.</summary>
    /// <param name="text">The whole text, of whole code points.</param>
    /// <param name="start">Where the range begins, in UTF-16 units.</param>
    /// <param name="end">Where it ends.</param>
    /// <returns>Counted from the text's own first token on.</returns>
    public TokenSpan? Of(string text, int start, int end)
    {
        var (from, to) = (Letters(text[..start]), Letters(text[..end]));
        int[] inside = [.. Tokens(text).Index().Where(token => token.Item.Start < to && token.Item.End > from).Select(token => token.Index)];
        return inside.Length == 0 ? null : new(inside[0], inside[^1] + 1);
    }

    /// <summary>How many letters a text comes to.</summary>
    private int Letters(string text) => Parts(text).Sum(part => part.Piece.Text.Length);

    /// <summary>Each token's letters.</summary>
    private IEnumerable<(int Start, int End)> Tokens(string text)
    {
        var at = 0;
        foreach (var part in Parts(text))
        {
            if (part.Id is not null) yield return (at, at + part.Piece.Text.Length);
            else
                foreach (var (start, end) in InWord(part.Piece.Text)) yield return (at + start, at + end);
            at += part.Piece.Text.Length;
        }
    }

    /// <summary>Words and added tokens, in order.</summary>
    private IEnumerable<TextPart> Parts(string text)
    {
        foreach (var part in content.Added.Split(text))
        {
            if (part.Id is not null) yield return part;
            else
            {
                var patience = new Patience(part.Piece.Text.Length);
                foreach (var inner in content.Added.SplitNormalized(content.Steps.Normalize(part.Piece, patience)))
                {
                    if (inner.Id is not null) yield return inner;
                    else
                        foreach (var word in content.Steps.Words(inner.Piece, patience)) yield return new(word, null);
                }
            }
        }
    }

    private IEnumerable<(int Start, int End)> InWord(string word)
    {
        var ids = new List<int>();
        content.Encoder.Encode(word, ids, readable);
        var at = 0;
        for (var i = 0; i < ids.Count;)
        {
            var token = content.Tokens[ids[i]]!;
            if (string.CompareOrdinal(word, at, token, 0, token.Length) == 0)
            {
                yield return (at, at += token.Length);
                i++;
                continue;
            }
            // Bytes stand for one letter together; an unknown token may stand for several.
            var rune = Rune.GetRuneAt(word, at);
            var bytes = content.Encoder.IsByte(ids[i]) ? rune.Utf8SequenceLength : 1;
            var end = bytes > 1 || content.Encoder.IsByte(ids[i]) ? at + rune.Utf16SequenceLength
                : i + 1 < ids.Count && word.IndexOf(content.Tokens[ids[i + 1]]!, at + 1, StringComparison.Ordinal) is > 0 and var next ? next : word.Length;
            for (var b = 0; b < bytes && i < ids.Count; b++, i++) yield return (at, end);
            at = end;
        }
    }
}
