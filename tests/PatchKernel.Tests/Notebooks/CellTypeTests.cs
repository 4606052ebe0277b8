extern alias runner;

using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Documents;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>What a cell of an .ipynb is, whoever wrote it: cell_type decides between text and code, then names decide the language.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class CellTypeTests : IDisposable
{
    private const string CSharpMetadata = """{"dotnet_interactive": {"language": "csharp"}, "polyglot_notebook": {"kernelName": "csharp"}}""";
    private const string CSharpKernelspec = """{"kernelspec": {"display_name": ".NET (C#)", "language": "C#", "name": ".net-csharp"}, "language_info": {"name": "polyglot-notebook"}}""";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_markdown_cell_whose_metadata_names_a_language_is_text_in_a_run_and_a_conversion()
    {
        File.Copy(Path.Combine(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "notebooks"), "markdown-with-language.ipynb"), folder.File("a.ipynb"));
        Directory.CreateDirectory(folder.File("out"));
        Notebook.Run("run", folder.File("a.ipynb"), "--out", folder.File("out")).Success();
        var cells = JsonNode.Parse(File.ReadAllText(folder.File("out/a.ipynb")))!["cells"]!;
        Assert.Equal("markdown", (string?)cells[0]!["cell_type"]);
        Assert.Equal("{}", cells[0]!["metadata"]!.ToJsonString());
        Assert.Equal("42\n", (string?)cells[1]!["outputs"]![0]!["text"]![0]);
        Assert.Contains(">Title</h1>", File.ReadAllText(folder.File("out/a.html")), StringComparison.Ordinal);
        Notebook.Run("convert", folder.File("a.ipynb"), folder.File("a.dib")).Success();
        Assert.EndsWith("#!markdown\n\n# Title\n\n#!csharp\n\nConsole.WriteLine(42);\n", File.ReadAllText(folder.File("a.dib")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("markdown", "markdown", CSharpMetadata, "# Title")]
    [InlineData("markdown", "markdown", """{"vscode": {"languageId": "csharp"}}""", "# Title")]
    [InlineData("markdown", "markdown", "{}", "#!csharp\\nis how a cell begins")]
    [InlineData("code", "csharp", "{}", "1")]
    [InlineData("code", "csharp", """{"dotnet_interactive": {"language": "markdown"}}""", "1")]
    [InlineData("code", "csharp", """{"polyglot_notebook": {"kernelName": "c#"}}""", "1")]
    [InlineData("code", "fsharp", """{"dotnet_interactive": {"language": "fsharp"}}""", "1")]
    [InlineData("code", "fsharp", """{"dotnet_interactive": {"language": "csharp"}, "polyglot_notebook": {"kernelName": "fsharp"}}""", "1")]
    [InlineData("code", "pwsh", """{"vscode": {"languageId": "dotnet-interactive.pwsh"}}""", "1")]
    [InlineData("code", "pwsh", """{"vscode": {"languageId": "powershell"}}""", "1")]
    [InlineData("code", "csharp", """{"vscode": {"languageId": "polyglot-notebook"}}""", "1")]
    [InlineData("code", "fsharp", "{}", "#!fsharp\\n1")]
    [InlineData("code", "csharp", "{}", "#!time\\n1")]
    [InlineData("code", "csharp", "{}", "#!markdown\\n1")]
    public void A_cells_kernel_is_told_by_its_type_then_its_first_line_then_its_metadata(string type, string kernel, string metadata, string source)
    {
        var cell = Assert.Single(Load(Cell(type, metadata, source), CSharpKernelspec).Elements);
        Assert.Equal(kernel, cell.KernelName);
    }

    [Theory]
    [InlineData("csharp", "{}")]
    [InlineData("csharp", CSharpKernelspec)]
    [InlineData("fsharp", """{"kernelspec": {"display_name": ".NET (F#)", "language": "F#", "name": ".net-fsharp"}}""")]
    [InlineData("fsharp", """{"kernelspec": {"language": "C#"}, "polyglot_notebook": {"kernelInfo": {"defaultKernelName": "fsharp", "items": [{"name": "fsharp"}]}}}""")]
    [InlineData("fsharp", """{"polyglot_notebook": {"defaultKernelName": "fsharp", "items": [{"name": "fsharp"}]}}""")]
    [InlineData("pwsh", """{"dotnet_interactive": {"defaultKernelName": "pwsh"}, "kernelspec": {"language": "C#"}}""")]
    [InlineData("python", """{"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}""")]
    [InlineData("python", """{"language_info": {"name": "python"}}""")]
    public void A_code_cell_that_names_none_is_in_the_notebooks_own_language(string kernel, string metadata)
    {
        var cells = Load($"{Cell("code", "{}", "1")}, {Cell("markdown", "{}", "1")}", metadata).Elements;
        Assert.Equal([kernel, "markdown"], cells.Select(cell => cell.KernelName));
    }

    [Fact]
    public void A_raw_cell_is_never_run_and_the_error_says_so()
    {
        var failure = Assert.ThrowsAny<Exception>(() => Load(Cell("raw", CSharpMetadata, "1"), CSharpKernelspec));
        Assert.Equal($"Cell 1 of '{folder.File("a.ipynb")}' is raw text, which nothing shows: make it markdown, or take it out.", failure.Message);
    }

    [Fact]
    public void A_first_line_that_names_the_kernel_is_kept_for_Jupyter_and_left_out_of_a_dib()
    {
        var document = Load($"{Cell("code", "{}", "#!fsharp\\n1")}, {Cell("code", "{}", "2")}", CSharpKernelspec);
        Assert.EndsWith("#!fsharp\n\n1\n\n#!csharp\n\n2\n", NotebookFile.ToDib(document), StringComparison.Ordinal);
        Assert.Equal("#!fsharp\n", (string?)JsonNode.Parse(NotebookFile.ToJupyter(document))!["cells"]![0]!["source"]![0]);
    }

    [Fact]
    public void A_cell_that_a_dib_would_lose_is_refused()
    {
        var document = Load(Cell("code", "{}", "print(1)"), """{"kernelspec": {"language": "python"}}""");
        var failure = Assert.ThrowsAny<Exception>(() => NotebookFile.ToDib(document));
        Assert.Equal("Cell 1 is in python, a kernel that the notebook doesn't list, so that a .dib couldn't hold it: take the cell out.", failure.Message);
    }

    public void Dispose() => folder.Dispose();

    private static string Cell(string type, string metadata, string source) =>
        $$"""{"cell_type": "{{type}}", "metadata": {{metadata}}, "source": "{{source}}"{{(type == "code" ? ", \"execution_count\": null, \"outputs\": []" : "")}}}""";

    private InteractiveDocument Load(string cells, string metadata)
    {
        File.WriteAllText(folder.File("a.ipynb"), $$"""{"cells": [{{cells}}], "metadata": {{metadata}}, "nbformat": 4, "nbformat_minor": 5}""");
        return NotebookFile.Load(folder.File("a.ipynb"));
    }
}
