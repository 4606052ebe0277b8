extern alias runner;

using System.Text.Json.Nodes;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks where and how a reader may start them.</summary>
public sealed class HostTests : IDisposable
{
    private const string First = "01-activation-patching";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("notebooks")]
    public async Task A_notebook_finds_its_library_and_its_model_wherever_in_the_repository_the_host_is_started(string start)
    {
        using var kernel = await RealKernel.StartAsync(TestData.InRepository(start));
        foreach (var code in CodeCells().Take(3)) Assert.Equal("CommandSucceeded", (string?)(await kernel.SubmitAsync(code))["eventType"]);
        Assert.Contains("mini", (await kernel.EventAsync(kernel.Submit("model.ToString()"), "ReturnValueProduced", "CommandFailed")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elsewhere_its_first_cell_says_what_to_do()
    {
        using var kernel = await RealKernel.StartAsync(folder.Path);
        var failure = await kernel.SubmitAsync(CodeCells()[0]);
        Assert.Equal("CommandFailed", (string?)failure["eventType"]);
        var library = Path.GetFullPath(Path.Combine(folder.Path, "..", "src", "PatchKernel", "bin", Notebook.Configuration, "net10.0", "PatchKernel.dll"));
        Assert.StartsWith(
            $"System.IO.FileNotFoundException: There is no {library}: run `dotnet build -c Release` in the repository's folder, and start the notebook's host there or in notebooks.",
            (string?)failure["event"]!["message"]);
    }

    [Fact]
    public async Task In_a_fresh_clone_jupyter_runs_a_notebook_by_the_readmes_lines()
    {
        InstalledKernel.RequireTool();
        Jupyter.RequireNbconvert();
        Assert.SkipUnless(Path.Exists(TestData.InRepository(".git")) && Jupyter.Program("git") is not null, "needs git");
        var (clone, environment) = (folder.File("clone"), await InstalledKernel.EnvironmentAsync());
        // A checkout may be somebody else's.
        await Jupyter.RunAsync(folder.Path, [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")],
            "git", "clone", "--quiet", TestData.Root, clone);
        Directory.CreateSymbolicLink(Path.Combine(clone, "src", "PatchKernel", "bin"), TestData.InRepository("src", "PatchKernel", "bin"));
        var notebook = Path.Combine("notebooks", $"{First}.ipynb");
        await File.WriteAllTextAsync(Path.Combine(clone, notebook), NotebookFile.Text(Notebook.OfRepository($"{First}.dib"), Path.Combine(clone, notebook)));

        await Jupyter.RunAsync(clone, environment, InstalledKernel.ReadmeLines[^1].Split(' '));
        await Jupyter.RunAsync(clone, environment, "jupyter-nbconvert", "--to", "notebook", "--execute", notebook, "--output-dir", folder.Path);
        var cells = JsonNode.Parse(await File.ReadAllTextAsync(folder.File($"{First}.ipynb")))!["cells"]!.AsArray();
        Assert.Contains(cells, cell => cell!["outputs"]?.ToJsonString().Contains("patchkernelDraw(", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_built_folder_needs_neither_a_network_nor_anything_in_the_home()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Jupyter.Program("unshare") is not null, "needs a system that can take a program's network away");
        Assert.SkipUnless((await AloneAsync("true")).ExitCode == 0, "needs the right to take a program's network away");
        var path = Notebook.Shipped(folder, $"{First}.dib");
        (await AloneAsync(Programs.Dotnet, Built("PatchKernel.Cli"), "sweep", "--html", folder.File("a.html"))).Success();
        (await AloneAsync(Programs.Dotnet, Built("PatchKernel.Notebooks"), "run", path, "--out", folder.Path)).Success();
        Assert.All([folder.File("a.html"), folder.File($"{First}.html")], page => Assert.True(new FileInfo(page).Length > 1_000_000));
    }

    private static string Built(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    // NUGET_PACKAGES and the like would lead out of the empty home.
    private Task<CliRun> AloneAsync(params string[] line) => Programs.RunAsync(folder.Path,
        [("HOME", Directory.CreateDirectory(folder.File("home")).FullName), ("NUGET_PACKAGES", null), ("DOTNET_CLI_HOME", null), ("HF_HOME", null)],
        ["unshare", "--map-root-user", "--net", .. line]);

    private static List<string> CodeCells() =>
        [.. Notebook.OfRepository($"{First}.dib").Elements.Where(cell => cell.KernelName == NotebookFile.CSharp).Select(cell => cell.Contents)];
}
