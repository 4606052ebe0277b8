namespace PatchKernel.Cli;

/// <summary>Standard output as the place of a file.</summary>
internal static class StandardOutput
{
    /// <summary>What stands for it on the command line.</summary>
    public const string Name = "-";

    /// <summary>Whether a path means it.</summary>
    public static bool Is(string path) => path is Name || AtomicFile.IsStandardOutput(path);
}
