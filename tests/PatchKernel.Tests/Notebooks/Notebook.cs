extern alias runner;

using runner::PatchKernel.Notebooks;
using Terminal = runner::PatchKernel.Cli.Terminal;

namespace PatchKernel.Tests.Notebooks;

/// <summary>Notebooks made in tests, and the runner's command in this process.</summary>
internal static class Notebook
{
    /// <summary>The line that every notebook begins with, by a path that holds from anywhere.</summary>
    public static string Setup { get; } =
        $"#r \"{TestData.InRepository("src", "PatchKernel", "bin", Configuration, "net10.0", "PatchKernel.dll").Replace('\\', '/')}\"\nusing PatchKernel;";

    /// <summary>The line by which the shipped notebooks let Jupyter's stop button stop a cell.</summary>
    public static string JupyterStop { get; } = $"#load \"{TestData.InRepository("notebooks", "jupyter-stop.csx").Replace('\\', '/')}\"";

    /// <summary>Loads a small random model and its pair.</summary>
    public static string Load { get; } =
        $"""
        var model = LanguageModel.Load("{CliRun.Tiny.Replace('\\', '/')}");
        var pair = PromptPair.FromIds([1, 201, 75, 60, 137, 59, 66, 16, 95, 46], [1, 201, 75, 60, 156, 70, 66, 16, 95, 46], 157, 3);
        """;

    /// <summary>Draws a heatmap.</summary>
    public const string Sweep = "Heatmap.Draw(Sweep.Run(model, pair, new SweepOptions()))";

    /// <summary>The configuration that this was built in, and so the library.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>A .dib with C# cells.</summary>
    public static string Write(TemporaryFolder folder, string name, params string[] cells)
    {
        File.WriteAllText(folder.File(name), string.Join("\n", cells.Select(cell => $"#!csharp\n\n{cell}\n")));
        return folder.File(name);
    }

    /// <summary>A shipped notebook, with the library of this configuration.</summary>
    public static Microsoft.DotNet.Interactive.Documents.InteractiveDocument OfRepository(string name)
    {
        var document = NotebookFile.Load(TestData.InRepository("notebooks", name));
        foreach (var cell in document.Elements) cell.Contents = cell.Contents.Replace("/Release/", $"/{Configuration}/", StringComparison.Ordinal);
        return document;
    }

    /// <summary>A copy of a shipped notebook in a folder that looks like the repository to it, so that nothing is written into the real one.</summary>
    public static string Shipped(TemporaryFolder folder, string name)
    {
        Directory.CreateDirectory(folder.File("checkout"));
        foreach (var part in (string[])["data", "docs", "models", "src"])
            if (Path.Combine(folder.File("checkout"), part) is var link && !Path.Exists(link)) Directory.CreateSymbolicLink(link, TestData.InRepository(part));
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.File("checkout"), "notebooks")).FullName, name);
        foreach (var script in Directory.GetFiles(TestData.InRepository("notebooks"), "*.csx"))
            File.Copy(script, Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(script)), overwrite: true);
        var text = File.ReadAllText(TestData.InRepository("notebooks", name));
        File.WriteAllText(path, text.Replace("/Release/", $"/{Configuration}/", StringComparison.Ordinal));
        return path;
    }

    /// <summary>Runs the command's line in this process, as if its output were piped.</summary>
    public static CliRun Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var interrupts = new Interrupts();
        var exitCode = NotebookCommandLine.Run(args, Terminal.Plain(output, error), interrupts);
        return new(exitCode, output.ToString(), error.ToString());
    }
}
