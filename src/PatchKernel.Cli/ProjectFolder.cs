namespace PatchKernel.Cli;

/// <summary>The files that come with the command: the prompt pairs and the mini model.</summary>
/// <remarks>The current folder isn't looked at: what lies there is the user's, and another program's perhaps.</remarks>
internal static class ProjectFolder
{
    private const string Checkout = "PatchKernel.sln";

    /// <summary>The prompt pairs.</summary>
    public static string Prompts => Find(Path.Combine("data", "prompts.json"), "--prompts FILE");

    /// <summary>The mini model's checkpoint folder.</summary>
    public static string MiniModel => Find(Path.Combine("models", "mini"), "--model DIR");

    /// <summary>A path beside the command or, where it isn't there, in the checkout that the command was built in.</summary>
    private static string Find(string path, string option)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, path);
        if (Path.Exists(beside)) return beside;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Checkout)) && Path.Exists(Path.Combine(folder.FullName, path)))
                return Shown(Path.Combine(folder.FullName, path));
        throw new PatchKernelException($"There is no {path} beside the command, nor in a checkout that it was built in; give {option}.");
    }

    // As short as the user would write it, for the messages that have it.
    private static string Shown(string path) =>
        Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
}
