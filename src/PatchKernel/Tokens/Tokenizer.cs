namespace PatchKernel;

/// <summary>Text to token ids and back.</summary>
public sealed class Tokenizer
{
    private Tokenizer() { }

    /// <summary>Loads a tokenizer.json.</summary>
    public static Tokenizer Load(string path) => throw new PatchKernelException($"'{path}' can't be read yet.");
}
