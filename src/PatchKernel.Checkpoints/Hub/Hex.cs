namespace PatchKernel.Hub;

/// <summary>The hub's hashes: lower-case hexadecimal, and safe as names of files.</summary>
internal static class Hex
{
    /// <summary>Whether a text is a git hash, of a commit or of a small file.</summary>
    public static bool IsCommit(string? text) => Is(text, 40);

    /// <summary>Whether a text is a sha256.</summary>
    public static bool IsSha256(string? text) => Is(text, 64);

    private static bool Is(string? text, int length) => text?.Length == length && text.All(char.IsAsciiHexDigitLower);
}
