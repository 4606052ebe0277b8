using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary><c>patchkernel notebook run</c>.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Cells_share_state_and_show_what_they_print_display_and_return()
    {
        Run("var x = 20;", "x++;\nConsole.Write(\"printed\");\ndisplay(\"shown\");", "2 * x");
        var cells = Stored("a")["cells"]!.AsArray();
        Assert.Equal([1, 2, 3], cells.Select(cell => (int)cell!["execution_count"]!));
        Assert.Equal("printed", TextOf(cells[1]!["outputs"]![0]!["text"]));
        Assert.Equal("shown", TextOf(cells[1]!["outputs"]![1]!["data"]!["text/plain"]));
        Assert.Equal("execute_result", (string?)cells[2]!["outputs"]![0]!["output_type"]);
        Assert.Contains("42", cells[2]!["outputs"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("printed", File.ReadAllText(folder.File("a.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_display_that_is_updated_stays_one_output()
    {
        Run("""
            using Microsoft.DotNet.Interactive;
            var shown = KernelInvocationContext.Current.DisplayAs("before", "text/plain");
            Console.Write("between");
            shown.Update("after");
            """);
        var outputs = Stored("a")["cells"]![0]!["outputs"]!.AsArray();
        Assert.Equal(["after", "between"], [TextOf(outputs[0]!["data"]!["text/plain"]), TextOf(outputs[1]!["text"])]);
    }

    [Fact]
    public void The_first_failing_cell_ends_its_notebook_and_no_other()
    {
        var failing = Notebook.Write(folder, "a.dib", "var x = 1;", "throw new InvalidOperationException(\"no luck\\nat all\");", "Console.Write(\"never\");");
        var good = Notebook.Write(folder, "b.dib", "Console.Write(\"still\");");
        var run = Notebook.Run("run", failing, good, "--out", folder.Path);
        Assert.Equal("a.dib, cell 2 of 3: InvalidOperationException: no luck", run.Failure());
        var cells = Stored("a")["cells"]!.AsArray();
        Assert.Equal("InvalidOperationException: no luck", (string?)cells[1]!["outputs"]![0]!["evalue"]);
        Assert.Null(cells[2]!["execution_count"]);
        Assert.DoesNotContain("never</pre>", File.ReadAllText(folder.File("a.html")), StringComparison.Ordinal);
        Assert.Contains("still", TextOf(Stored("b")["cells"]![0]!["outputs"]![0]!["text"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x = 1;\nvar y = x + z;", "cell 1 of 1: line 2, column 13: CS0103: The name 'z' does not exist in the current context")]
    [InlineData("#r \"nowhere/PatchKernel.dll\"\nusing PatchKernel;",
        "cell 1 of 1: PatchKernel.dll isn't where the #r line looks: build it with `dotnet build -c Release` in the repository's root, then run this cell again.")]
    [InlineData("#r \"nuget: Newtonsoft.Json, 13.0.3\"\n1",
        "cell 1 of 1: #r \"nuget: Newtonsoft.Json, 13.0.3\" can't be followed, since no packages are restored here: build a project that has the package, "
        + "and name its .dll after #r, or run the notebook in VS Code or Jupyter.")]
    public void What_the_compiler_refuses_is_one_sentence(string code, string expected) =>
        Assert.Equal($"a.dib, {expected}", Notebook.Run("run", Notebook.Write(folder, "a.dib", code), "--out", folder.Path).Failure());

    [Fact]
    public void An_assembly_that_is_not_there_is_named_with_the_folder_where_paths_begin() => Assert.Equal(
        $"a.dib, cell 1 of 1: 'nowhere/other.dll' isn't where the #r line looks: paths begin in the notebook's folder, '{folder.Path}'.",
        Notebook.Run("run", Notebook.Write(folder, "a.dib", "#r \"nowhere/other.dll\"\n1"), "--out", folder.Path).Failure());

    [Fact]
    public void The_librarys_own_errors_are_shown_as_they_are()
    {
        var path = Notebook.Write(folder, "a.dib", Notebook.Setup, "var model = LanguageModel.Load(\"nowhere\");");
        Assert.Equal("a.dib, cell 2 of 2: There is no model folder 'nowhere'; give a folder, a .gguf file, or a name on the hub, org/name.", Notebook.Run("run", path, "--out", folder.Path).Failure());
    }

    [Fact]
    public void A_cell_in_another_language_is_refused_by_name()
    {
        File.WriteAllText(folder.File("a.dib"), "#!pwsh\n\nls\n");
        Assert.Contains("cell 1 of 1: The cell is in pwsh", Notebook.Run("run", folder.File("a.dib"), "--out", folder.Path).Failure(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var model = \"../models/mini\";", "var model = \"C:\\\\new \\\"one\\\"\";")]
    [InlineData("// first\nvar model = Load(\"../models/mini\"); // or \"another\"", "// first\nvar model = Load(\"C:\\\\new \\\"one\\\"\"); // or \"another\"")]
    [InlineData("string model = @\"..\\mini\";", "string model = \"C:\\\\new \\\"one\\\"\";")]
    public void A_variables_text_can_be_set(string before, string after)
    {
        var path = Notebook.Write(folder, "a.dib", "string Load(string folder) => folder;", before, "var model = \"second\";");
        Notebook.Run("run", path, "--out", folder.Path, "--set", "model=C:\\new \"one\"").Success();
        var cells = Stored("a")["cells"]!;
        Assert.Equal(after, TextOf(cells[1]!["source"]));
        Assert.Equal("var model = \"second\";", TextOf(cells[2]!["source"]));
    }

    [Theory]
    [InlineData("--set finds no line in a cell that reads var other = \"…\"; see --help.", "a.dib", "--set", "other=x")]
    [InlineData("--set takes NAME=TEXT, such as model=../models/mini, and 'other' does not read so; see --help.", "a.dib", "--set", "other")]
    [InlineData("two notebooks would be written to", "a.dib", "a.dib")]
    [InlineData("there is no command 'notebook walk'; choose one of run, convert, watch; see --help.", "walk")]
    [InlineData("Required argument 'FILE' missing for command: 'run'; see --help.")]
    public void Wrong_usage_is_two_and_runs_nothing(string expected, params string[] args)
    {
        Notebook.Write(folder, "a.dib", "var model = \"\";");
        string[] line = args is ["walk"] ? args : ["run", .. args.Select(arg => arg == "a.dib" ? folder.File(arg) : arg)];
        Assert.StartsWith(expected, Notebook.Run(line).Failure(exitCode: 2), StringComparison.Ordinal);
        Assert.Equal(["a.dib"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_notebook_is_never_written_over()
    {
        var path = Notebook.Write(folder, "a.dib", "1");
        Notebook.Run("convert", path, folder.File("a.ipynb")).Success();
        Assert.StartsWith("the outputs of", Notebook.Run("run", folder.File("a.ipynb"), "--out", folder.Path).Failure(exitCode: 2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.dib", "There is no notebook")]
    [InlineData("none.txt", "its name has to end in .dib or .ipynb")]
    [InlineData("broken.ipynb", "isn't valid JSON at line 1, column ")]
    [InlineData("empty.ipynb", "it has no list of cells")]
    [InlineData("raw.ipynb", "Cell 1 of")]
    public void What_is_no_notebook_is_refused(string name, string expected)
    {
        File.WriteAllText(folder.File("broken.ipynb"), "{\"cells\": [");
        File.WriteAllText(folder.File("empty.ipynb"), "{}");
        File.WriteAllText(folder.File("raw.ipynb"), """{"cells": [{"cell_type": "raw", "metadata": {}, "source": ["x"]}], "metadata": {}}""");
        Assert.Contains(expected, Notebook.Run("run", folder.File(name)).Failure(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notebook", "run", "FILE", "--out", "DIR")]
    [InlineData("notebook", "walk")]
    public async Task The_command_hands_a_notebook_on_to_the_runner(params string[] args)
    {
        var path = Notebook.Write(folder, "a.dib", "throw new Exception(\"from the cell\");");
        args = [.. args.Select(arg => arg == "FILE" ? path : arg == "DIR" ? folder.Path : arg)];
        using var process = RealKernel.Start(folder.Path, [], ["dotnet", Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), .. args]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var error = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(args.Length > 2 ? (1, "error: a.dib, cell 1 of 1: Exception: from the cell") : (2,
            "error: there is no command 'notebook walk'; choose one of run, convert, watch; see --help."), (process.ExitCode, error.TrimEnd()));
    }

    [Fact]
    public void No_other_command_carries_the_compiler()
    {
        var folder = TestData.InRepository("src", "PatchKernel.Cli", "bin", Notebook.Configuration, "net10.0");
        Assert.NotEmpty(Directory.GetFiles(folder, "PatchKernel.Cli.dll"));
        Assert.Empty(Directory.GetFiles(folder, "Microsoft.CodeAnalysis*"));
    }

    public void Dispose() => folder.Dispose();

    private void Run(params string[] cells) => Notebook.Run("run", Notebook.Write(folder, "a.dib", cells), "--out", folder.Path).Success();

    private JsonNode Stored(string name) => JsonNode.Parse(File.ReadAllText(folder.File($"{name}.ipynb")))!;

    private static string TextOf(JsonNode? lines) => string.Concat(lines!.AsArray().Select(line => (string?)line));
}
