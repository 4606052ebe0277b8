namespace PatchKernel;

/// <summary>Which run is patched, and which one the patch comes from.</summary>
public enum Direction
{
    /// <summary>A clean activation is put into the corrupt run: what is enough to bring the answer back?</summary>
    Denoising,

    /// <summary>A corrupt activation is put into the clean run: what is needed for the answer?</summary>
    Noising,
}
