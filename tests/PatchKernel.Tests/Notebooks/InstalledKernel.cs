using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PatchKernel.Tests.Notebooks;

[assembly: AssemblyFixture(typeof(InstalledKernel))]

namespace PatchKernel.Tests.Notebooks;

/// <summary>.NET Interactive's kernel as a user has it: installed by the README's own lines, in a home of its own.</summary>
/// <remarks>The package comes from the restored tool of tests/dotnet-tools.json, so nothing is downloaded.</remarks>
public sealed partial class InstalledKernel : IDisposable
{
    private static readonly Lazy<Task<string>> Home = new(InstallAsync);

    /// <summary>What a program's environment has to say so that it finds the kernel, and nothing of the user's own.</summary>
    internal static async Task<IReadOnlyList<(string Name, string Value)>> EnvironmentAsync()
    {
        RequireTool();
        return Environment(await Home.Value);
    }

    /// <summary>The test is skipped where the tool isn't restored.</summary>
    internal static void RequireTool() => Assert.SkipUnless(Directory.Exists(Package), "needs the tool Microsoft.dotnet-interactive: dotnet tool restore --tool-manifest tests/dotnet-tools.json");

    /// <summary>The README's lines that install the kernel for Jupyter.</summary>
    internal static string[] ReadmeLines { get; } = Block().Match(File.ReadAllText(TestData.InRepository("README.md"))).Groups["lines"].Value
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public void Dispose()
    {
        if (Home.IsValueCreated && Home.Value.IsCompletedSuccessfully) Directory.Delete(Home.Value.Result, recursive: true);
    }

    private static string Package
    {
        get
        {
            var manifest = JsonNode.Parse(File.ReadAllText(TestData.InRepository("tests", "dotnet-tools.json")))!;
            var version = (string)manifest["tools"]!["microsoft.dotnet-interactive"]!["version"]!;
            var packages = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return Path.Combine(packages, "microsoft.dotnet-interactive", version);
        }
    }

    private static async Task<string> InstallAsync()
    {
        var home = Directory.CreateTempSubdirectory("patchkernel-home-").FullName;
        var folder = Directory.CreateDirectory(Path.Combine(home, "anywhere")).FullName;
        // The nearest file of this name says where packages come from.
        await File.WriteAllTextAsync(Path.Combine(home, "NuGet.Config"),
            $"""<configuration><packageSources><clear/><add key="restored" value="{Package}"/></packageSources></configuration>""");
        Assert.Equal(2, ReadmeLines.Length);
        foreach (var line in ReadmeLines) await Jupyter.RunAsync(folder, Environment(home), line.Split(' '));
        return home;
    }

    private static (string, string)[] Environment(string home) =>
    [
        // A tool's own program looks for .NET where the system or the home has it.
        ("DOTNET_ROOT", Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))),
        ("HOME", home), ("USERPROFILE", home), ("DOTNET_CLI_HOME", home), ("JUPYTER_DATA_DIR", Path.Combine(home, "jupyter")),
        ("PATH", $"{Path.Combine(home, ".dotnet", "tools")}{Path.PathSeparator}{System.Environment.GetEnvironmentVariable("PATH")}"),
    ];

    [GeneratedRegex("```sh\n(?<lines>[ ]*dotnet tool install -g Microsoft.dotnet-interactive.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
