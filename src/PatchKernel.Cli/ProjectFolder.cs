namespace PatchKernel.Cli;

/// <summary>The files that come with the command: the prompt pairs and the mini model.</summary>
internal static class ProjectFolder
{
    private static readonly string Marker = Path.Combine("data", "prompts.json");

    /// <summary>The prompt pairs.</summary>
    public static string Prompts => Find(Marker, "--prompts FILE");

    /// <summary>The mini model's checkpoint folder.</summary>
    public static string MiniModel => Find(Path.Combine("models", "mini"), "--model DIR");

    /// <summary>A path below the current folder or, where it isn't there, below the checkout that the command was built in.</summary>
    private static string Find(string path, string option)
    {
        if (Path.Exists(path)) return path;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Marker)) && Path.Exists(Path.Combine(folder.FullName, path)))
                return Path.Combine(folder.FullName, path);
        throw new PatchKernelException(
            $"There is no {path} in the current folder or above the command; run it from PatchKernel's own folder, or give {option}.");
    }
}
