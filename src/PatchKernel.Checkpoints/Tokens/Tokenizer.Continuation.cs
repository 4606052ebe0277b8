namespace PatchKernel;

// What goes on with a text. SentencePiece's kind of tokenizers writes a space where a text begins, and takes it away again; an answer and a model's new tokens begin none.
public sealed partial class Tokenizer
{
    private const string Anything = "\n"; // in no vocabulary does it merge with a word behind it

    /// <summary>The token ids of a text that goes on with another, as a model would say it.</summary>
    /// <param name="before">The text before it; null where that isn't known.</param>
    /// <param name="text">The text. Its leading space counts.</param>
    /// <exception cref="PatchKernelException">The vocabulary can't spell a word.</exception>
    internal IReadOnlyList<int> EncodeAfter(string? before, string text)
    {
        var alone = Encode(text, addSpecialTokens: false);
        if (!Patiently(() => _content.Steps.MarkBeginnings)) return alone;
        return (before is null ? null : Rest(before, text)) ?? RestAfterAnything(text) ?? alone;
    }

    /// <summary>The text that ids add to that of others, special tokens kept.</summary>
    /// <exception cref="PatchKernelException">An id has no token.</exception>
    internal string DecodeAfter(IReadOnlyList<int> before, IReadOnlyList<int> ids)
    {
        var (start, whole) = (Decode(before), Decode([.. before, .. ids]));
        return whole.StartsWith(start, StringComparison.Ordinal) ? whole[start.Length..] : Decode(ids); // the others may end within a character
    }

    private IReadOnlyList<int>? RestAfterAnything(string text)
    {
        try
        {
            return Rest(Anything, text);
        }
        catch (PatchKernelException)
        {
            return null; // the vocabulary can spell the text alone
        }
    }

    /// <summary>The ids behind those of the text before; null where a token would reach across.</summary>
    private IReadOnlyList<int>? Rest(string before, string text)
    {
        var (start, whole) = (Encode(before, addSpecialTokens: false), Encode(before + text, addSpecialTokens: false));
        return whole.Count > start.Count && whole.Take(start.Count).SequenceEqual(start) ? [.. whole.Skip(start.Count)] : null;
    }
}
