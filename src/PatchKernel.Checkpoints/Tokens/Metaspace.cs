using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>Marks spaces by a letter, and the beginning of texts or of pieces by one too, as SentencePiece does; and back.</summary>
/// <param name="Mark">The letter, mostly ▁.</param>
/// <param name="Prepend">Where a piece that doesn't begin with the mark gets one.</param>
/// <param name="Cuts">Whether each mark begins a word.</param>
internal sealed record Metaspace(string Mark, MetaspacePrepend Prepend, bool Cuts)
{
    /// <summary>Reads a tokenizer.json's part.</summary>
    public static Metaspace Read(JsonPart part)
    {
        part.AllowOnly("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep");
        var mark = part.Require("replacement");
        if (mark.Text().EnumerateRunes().Count() != 1) throw mark.Wrong("one letter");
        var scheme = part.Find("prepend_scheme");
        MetaspacePrepend? prepend = scheme?.Text() switch
        {
            null or "always" => MetaspacePrepend.Always,
            "first" => MetaspacePrepend.First,
            "never" => MetaspacePrepend.Never,
            _ => null,
        };
        if (prepend is null) throw scheme!.Unsupported("always, first, never");
        if (part.Find("add_prefix_space") is { } adds && !adds.Flag() && prepend != MetaspacePrepend.Never) throw adds.But($"{part.Path}.prepend_scheme isn't never");
        return new(mark.Text(), prepend.Value, part.Find("split")?.Flag() ?? true);
    }

    /// <summary>The step that cuts a text.</summary>
    public PreTokenizer PreTokenizer
    {
        get
        {
            var words = new Splitting(SplitPattern.FromText(Mark).Matches, SplitBehaviour.MergedWithNext);
            return new((piece, patience) => Cuts ? words.Split(Marked(piece), patience) : [Marked(piece)], Growth: 2 * Mark.Length);
        }
    }

    /// <summary>The step that puts tokens together: the marks of the first one are no spaces, unless none is ever put there.</summary>
    public TokenDecoder Decoder => new(
        (tokens, _) => [.. tokens.Select((token, i) => token.Replace(Mark, i == 0 && Prepend != MetaspacePrepend.Never ? "" : " ", StringComparison.Ordinal))],
        token => token.Replace(Mark, " ", StringComparison.Ordinal));

    private Piece Marked(Piece piece)
    {
        var text = piece.Text.Replace(" ", Mark, StringComparison.Ordinal);
        var marks = Prepend == MetaspacePrepend.Always || (Prepend == MetaspacePrepend.First && piece.IsFirst);
        return piece with { Text = marks && !text.StartsWith(Mark, StringComparison.Ordinal) ? Mark + text : text };
    }
}

/// <summary>Which pieces get a mark in front.</summary>
internal enum MetaspacePrepend
{
    /// <summary>Each of them.</summary>
    Always,

    /// <summary>The one that the text begins with.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}
