namespace PatchKernel.Cli;

/// <summary>A script that runs this command as a Slurm job: to be read, and to be changed by who submits it.</summary>
internal static class SlurmScript
{
    /// <summary>The script's text.</summary>
    /// <param name="name">The job's name.</param>
    /// <param name="folder">The study's folder; what a job says goes into it.</param>
    /// <param name="options">The user's options of sbatch.</param>
    /// <param name="usual">Options of sbatch that stand unless the user has given them.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="isArray">Whether it is the array, whose tasks take the cores that they have.</param>
    public static string Of(string name, string folder, IReadOnlyList<string> options, IReadOnlyList<string> usual, IReadOnlyList<string> arguments, bool isArray)
    {
        var output = isArray ? "%x-%A_%a" : "%x-%j";
        string[] all = [$"--job-name={name}", $"--output={folder.Replace("%", "%%", StringComparison.Ordinal)}/slurm/{output}.out", .. usual];
        string[] lines =
        [
            "#!/bin/sh",
            .. all.Where(option => !options.Any(own => Name(own) == Name(option))).Concat(options).Select(option => $"#SBATCH {Directive(option)}"),
            // In the shell's place, so that Slurm's signals reach it.
            $"exec {string.Join(' ', Program().Concat(arguments).Select(Quoted))}{(isArray ? " --threads \"${SLURM_CPUS_ON_NODE:-1}\"" : "")}",
        ];
        return string.Join('\n', lines) + "\n";
    }

    private static IEnumerable<string> Program()
    {
        var program = Environment.ProcessPath!;
        // Started by dotnet, as `dotnet run` and tests do, the library is named too.
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll")] : [program];
    }

    private static string Name(string option) => option.Split('=')[0];

    // Slurm reads quotes as a shell does, a backslash anywhere, and outside of quotes a comment.
    private static string Directive(string option) => option.Split('=', 2) is [var name, var value] && value.Any(letter => char.IsWhiteSpace(letter) || letter is '"' or '\'' or '\\' or '#')
        ? $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : option;

    private static string Quoted(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./=:,@%+".Contains(letter, StringComparison.Ordinal))
        ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
