using System.Text;
using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>A step that cuts a text into the pieces which merges never cross.</summary>
/// <param name="Split">Cuts a piece; what it gives is never empty.</param>
/// <param name="Growth">How many times as long a text may become.</param>
internal sealed record PreTokenizer(Func<Piece, Patience, IEnumerable<Piece>> Split, int Growth = 1)
{
    private const string AsciiPunctuation = @"!-/:-@\[-`{-~";

    private static readonly Dictionary<string, Func<JsonPart, PreTokenizer>> Kinds = new()
    {
        ["Split"] = SplitAt,
        ["Digits"] = Digits,
        ["ByteLevel"] = ByteLevel,
        ["Metaspace"] = part => Metaspace.Read(part).PreTokenizer,
        ["Whitespace"] = Whitespace,
        ["WhitespaceSplit"] = WhitespaceSplit,
        ["Punctuation"] = Punctuation,
    };

    /// <summary>The steps of a tokenizer.json's pre_tokenizer.</summary>
    public static IReadOnlyList<PreTokenizer> Read(JsonPart? part) => TokenizerParts.Steps(part, "pretokenizers", Kinds);

    /// <summary>Cuts at the matches of a pattern.</summary>
    public static PreTokenizer At(SplitPattern pattern, SplitBehaviour behaviour = SplitBehaviour.Isolated, bool invert = false) =>
        new(new Splitting(pattern.Matches, behaviour, invert).Split);

    /// <summary>Writes a text's bytes as letters; in a byte-level vocabulary it is the last step.</summary>
    /// <param name="cut">Where the text is cut before; null for nowhere.</param>
    /// <param name="addsSpace">A text that doesn't begin with a space gets one.</param>
    public static PreTokenizer ToByteLetters(SplitPattern? cut = null, bool addsSpace = false)
    {
        var growth = addsSpace ? 4 : 3;
        if (cut is null) return new((piece, _) => [Letters(Spaced(piece))], growth);
        var words = At(cut);
        return new((piece, patience) => words.Split(Spaced(piece), patience).Select(Letters), growth);

        Piece Spaced(Piece piece) => addsSpace && piece.Text[0] != ' ' ? piece with { Text = " " + piece.Text } : piece;
        static Piece Letters(Piece piece) => piece with { Text = ByteAlphabet.FromText(piece.Text) };
    }

    private static PreTokenizer SplitAt(JsonPart part)
    {
        part.AllowOnly("type", "pattern", "behavior", "invert");
        return At(TokenizerParts.Pattern(part.Require("pattern")), Behaviour(part.Require("behavior")), part.Find("invert")?.Flag() ?? false);
    }

    private static PreTokenizer Digits(JsonPart part)
    {
        part.AllowOnly("type", "individual_digits");
        return At(SplitPattern.Number, part.Find("individual_digits")?.Flag() == true ? SplitBehaviour.Isolated : SplitBehaviour.Contiguous);
    }

    private static PreTokenizer ByteLevel(JsonPart part)
    {
        TokenizerParts.CheckByteLevel(part);
        return ToByteLetters(part.Find("use_regex")?.Flag() == false ? null : SplitPattern.Gpt2, part.Find("add_prefix_space")?.Flag() ?? true);
    }

    /// <summary>Runs of word letters and runs of other letters; white space is dropped.</summary>
    private static PreTokenizer Whitespace(JsonPart part)
    {
        part.AllowOnly("type");
        return new(new Splitting((text, _) => Runs(text), SplitBehaviour.Removed, Invert: true).Split);
    }

    private static PreTokenizer WhitespaceSplit(JsonPart part)
    {
        part.AllowOnly("type");
        return At(SplitPattern.FromRegex(@"\s"), SplitBehaviour.Removed);
    }

    private static PreTokenizer Punctuation(JsonPart part)
    {
        part.AllowOnly("type", "behavior");
        return At(SplitPattern.FromRegex($@"[\p{{P}}{AsciiPunctuation}]"), part.Find("behavior") is { } behaviour ? Behaviour(behaviour) : SplitBehaviour.Isolated);
    }

    private static IEnumerable<(int Start, int End)> Runs(string text)
    {
        var (start, at, kind) = (0, 0, -1);
        foreach (var rune in text.EnumerateRunes())
        {
            var own = Rune.IsWhiteSpace(rune) ? -1 : AddedTokens.IsWord(rune) ? 1 : 0;
            if (own != kind)
            {
                if (kind >= 0) yield return (start, at);
                (start, kind) = (at, own);
            }
            at += rune.Utf16SequenceLength;
        }
        if (kind >= 0) yield return (start, at);
    }

    private static SplitBehaviour Behaviour(JsonPart part)
    {
        foreach (var behaviour in Enum.GetValues<SplitBehaviour>())
            if (behaviour.ToString() == part.Text()) return behaviour;
        throw part.Unsupported(string.Join(", ", Enum.GetNames<SplitBehaviour>()));
    }
}
