namespace PatchKernel.Tokens;

/// <summary>A piece of a text on its way to tokens.</summary>
/// <remarks>Where what has become of the first letter is cut in two, as ½ in NFKC, tokenizers takes both pieces for first ones; here it is the first of them.</remarks>
/// <param name="Text">The piece.</param>
/// <param name="IsFirst">Whether it begins where the whole text begins: Metaspace may mark that place alone.</param>
internal readonly record struct Piece(string Text, bool IsFirst)
{
    /// <summary>A part of the piece.</summary>
    public Piece Part(int start, int end) => new(Text[start..end], IsFirst && start == 0);
}
