extern alias runner;

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary><c>patchkernel notebook convert</c>: .dib and .ipynb, there and back.</summary>
public sealed partial class ConvertTests : IDisposable
{
    private const string Meta =
        """
        #!meta

        {"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"csharp","languageName":"C#","aliases":["c#","cs"]},{"name":"fsharp","languageName":"F#","aliases":["f#","fs"]},{"name":"html","languageName":"HTML"},{"name":"http","languageName":"HTTP"},{"name":"javascript","languageName":"JavaScript","aliases":["js"]},{"name":"mermaid","languageName":"Mermaid"},{"name":"pwsh","languageName":"PowerShell","aliases":["powershell"]},{"name":"value"}]}}


        """;

    private readonly TemporaryFolder folder = new();

    /// <summary>The notebooks that the README lists; a reader may have more of their own beside them.</summary>
    public static TheoryData<string> Shipped =>
        [.. Links().Matches(File.ReadAllText(TestData.InRepository("README.md"))).Select(link => link.Groups[1].Value).Distinct().Order()];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_notebook_survives_the_way_there_and_back(string name)
    {
        var before = File.ReadAllText(TestData.InRepository("notebooks", name));
        Convert(TestData.InRepository("notebooks", name), "a.ipynb");
        Convert(folder.File("a.ipynb"), "b.dib");
        Assert.Equal(before, File.ReadAllText(folder.File("b.dib")));
        Convert(folder.File("b.dib"), "b.ipynb");
        Assert.Equal(File.ReadAllText(folder.File("a.ipynb")), File.ReadAllText(folder.File("b.ipynb")));
    }

    [Fact]
    public void In_another_folder_links_lead_where_they_led_and_pictures_go_along()
    {
        File.WriteAllText(folder.File("picture.svg"), "<svg/>");
        File.WriteAllText(folder.File("b.dib"), "");
        var read = Load("a.dib", Meta + "#!markdown\n\n![p](picture.svg) [b](b.dib#there) [none](none.md) [web](https://example.org)\n");
        Directory.CreateDirectory(folder.File("out"));
        var markdown = "![p](data:image/svg+xml;base64,PHN2Zy8+) [b](../b.dib#there) [none](none.md) [web](https://example.org)";
        Assert.Contains(markdown, NotebookFile.Text(read, Path.Combine(folder.File("out"), "a.ipynb"), folder.File("a.dib")), StringComparison.Ordinal);
        Assert.Contains("![p](picture.svg) [b](b.dib#there) [none]", NotebookFile.Text(read, folder.File("a.ipynb"), folder.File("a.dib")), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cells_survive_the_way_there_and_back()
    {
        var line = Gen.OneOf(Gen.String[Gen.Char[" #!\"\\<&é½,;{}abc"], 0, 12], Gen.Const("#!who"), Gen.Const("#r \"x.dll\""), Gen.Const("```"), Gen.Const(""));
        var cell = Gen.Select(Gen.OneOf(Gen.Const("csharp"), Gen.Const("markdown"), Gen.Const("fsharp"), Gen.Const("mermaid")), line.Array[0, 4], Gen.String[Gen.Char["abcé\"#"], 1, 5],
            (kernel, lines, last) => $"#!{kernel}\n\n{string.Join('\n', lines.SkipWhile(text => text.Length == 0).Append(last))}\n");
        cell.Array[1, 6].Select(cells => Meta + string.Join('\n', cells)).Sample(dib =>
        {
            var jupyter = NotebookFile.ToJupyter(Load("a.dib", dib));
            return NotebookFile.ToDib(Load("a.ipynb", jupyter)) == dib;
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void An_ipynb_has_what_vs_code_and_jupyter_look_for()
    {
        var notebook = JsonNode.Parse(NotebookFile.ToJupyter(Load("a.dib", Meta + "#!markdown\n\n# A\n\n#!csharp\n\n1\n")))!;
        Assert.Equal("""{"display_name":".NET (C#)","language":"C#","name":".net-csharp"}""", Json(notebook["metadata"]!["kernelspec"]));
        Assert.Equal("""{"name":"polyglot-notebook"}""", Json(notebook["metadata"]!["language_info"]));
        Assert.Equal(Meta.Split('\n')[2], Json(notebook["metadata"]!["polyglot_notebook"]));
        Assert.Equal("""{"dotnet_interactive":{"language":"csharp"},"polyglot_notebook":{"kernelName":"csharp"}}""", Json(notebook["cells"]![1]!["metadata"]));
        Assert.Equal((4, 5), ((int)notebook["nbformat"]!, (int)notebook["nbformat_minor"]!));
        Assert.Equal(["cell-1", "cell-2"], notebook["cells"]!.AsArray().Select(cell => (string?)cell!["id"]));
    }

    [Fact]
    public void Metadata_that_nobody_knows_is_kept()
    {
        var dib = Meta.TrimEnd().Replace("\"defaultKernelName\":\"csharp\"", "\"defaultKernelName\":\"fsharp\"", StringComparison.Ordinal)[..^1] + ",\"authors\":[\"a\",\"b\"],\"n\":{\"x\":1.5,\"y\":null}}\n\n#!fsharp\n\n1\n";
        Assert.Equal(dib, NotebookFile.ToDib(Load("a.dib", dib)));
        Assert.Equal(dib, NotebookFile.ToDib(Load("a.ipynb", NotebookFile.ToJupyter(Load("a.dib", dib)))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("#!meta\n\n{\"kernelInfo\":{\"defaultKernelName\":\"csharp\",\"items\":[{\"aliases\":[],\"name\":\"csharp\"},{\"name\":\"pwsh\"}]}}\n\n")]
    public void A_list_of_kernels_is_completed_as_vs_code_completes_it_on_opening(string meta) =>
        Assert.Equal($"{Meta}#!csharp\n\n1\n", NotebookFile.ToDib(Load("a.dib", $"{meta}#!csharp\n\n1\n")));

    [Fact]
    public void A_kernel_of_the_notebooks_own_stays_in_the_list()
    {
        const string Own = """{"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"mine","aliases":["my"]}]}}""";
        var written = NotebookFile.ToDib(Load("a.dib", $"#!meta\n\n{Own}\n\n#!mine\n\n1\n"));
        Assert.Contains("""{"name":"mermaid","languageName":"Mermaid"},{"name":"mine","aliases":["my"]},{"name":"pwsh",""", written, StringComparison.Ordinal);
        Assert.Equal(written, NotebookFile.ToDib(Load("b.dib", written)));
    }

    [Fact]
    public void No_name_of_the_notebooks_own_kernel_is_given_to_another()
    {
        const string Jupyter = """{"cells": [], "metadata": {"polyglot_notebook": {"kernelInfo": {"items": [{"name": "mine", "aliases": ["js"]}]}}}, "nbformat": 4, "nbformat_minor": 5}""";
        var items = JsonNode.Parse(NotebookFile.ToJupyter(Load("a.ipynb", Jupyter)))!["metadata"]!["polyglot_notebook"]!["kernelInfo"]!["items"]!.AsArray();
        Assert.Equal(["csharp", "fsharp", "html", "http", "mermaid", "mine", "pwsh", "value"], items.Select(item => (string?)item!["name"]));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_notebook_begins_as_vs_code_writes_it(string name) =>
        Assert.StartsWith(Meta, File.ReadAllText(TestData.InRepository("notebooks", name)), StringComparison.Ordinal);

    [Fact]
    public void Links_lead_to_notebooks_of_the_files_own_format_where_those_are_there()
    {
        const string Text = "[a](next.dib), [b](<next.dib#end> \"next.dib\"), [c](missing.dib), [d](https://x.org/next.dib), `[e](next.dib)`, [f][f]\n\n[f]: next.dib\n";
        const string Turned = "[a](next.ipynb), [b](<next.ipynb#end> \"next.dib\"), [c](missing.dib), [d](https://x.org/next.dib), `[e](next.dib)`, [f][f]\n\n[f]: next.ipynb\n";
        foreach (var next in (string[])["next.dib", "next.ipynb"]) File.WriteAllText(folder.File(next), "");
        File.WriteAllText(folder.File("a.dib"), $"{Meta}#!markdown\n\n{Text}\n#!csharp\n\n// [a](next.dib)\n");
        Convert(folder.File("a.dib"), "a.ipynb");
        var cells = JsonNode.Parse(File.ReadAllText(folder.File("a.ipynb")))!["cells"]!.AsArray().Select(cell => string.Concat(cell!["source"]!.AsArray().Select(line => (string?)line)));
        Assert.Equal([Turned.TrimEnd(), "// [a](next.dib)"], cells);
        Convert(folder.File("a.ipynb"), "b.dib");
        Assert.Equal(File.ReadAllText(folder.File("a.dib")), File.ReadAllText(folder.File("b.dib")));
    }

    [Fact]
    public void Ids_and_metadata_of_cells_are_kept_where_there_is_a_place_for_them()
    {
        const string Jupyter =
            """
            {"cells": [{"cell_type": "code", "id": "mine", "metadata": {"tags": ["a"]}, "execution_count": 3, "outputs": [], "source": "1"},
              {"cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": ["2\n", "3"]}],
             "metadata": {"kernelspec": {"display_name": "Other", "language": "C#", "name": ".net-csharp"}}, "nbformat": 4, "nbformat_minor": 4}
            """;
        var written = JsonNode.Parse(NotebookFile.ToJupyter(Load("a.ipynb", Jupyter)))!;
        Assert.Equal(["mine", "cell-2"], written["cells"]!.AsArray().Select(cell => (string?)cell!["id"]));
        Assert.Equal("""["a"]""", Json(written["cells"]![0]!["metadata"]!["tags"]));
        Assert.Equal("csharp", (string?)written["cells"]![1]!["metadata"]!["polyglot_notebook"]!["kernelName"]);
        Assert.Equal("Other", (string?)written["metadata"]!["kernelspec"]!["display_name"]);
    }

    [Fact]
    public void A_line_that_would_split_a_cell_is_refused()
    {
        var document = Load("a.dib", Meta + "#!csharp\n\n1\n");
        document.Elements[0].Contents = "1\n#!markdown\n2";
        var failure = Assert.ThrowsAny<Exception>(() => NotebookFile.ToDib(document));
        Assert.Equal("Cell 1 has the line '#!markdown', which would begin a cell of its own in a .dib: change that line.", failure.Message);
    }

    public void Dispose() => folder.Dispose();

    private void Convert(string from, string to) => Notebook.Run("convert", from, folder.File(to)).Success();

    private Microsoft.DotNet.Interactive.Documents.InteractiveDocument Load(string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return NotebookFile.Load(folder.File(name));
    }

    [GeneratedRegex(@"\(notebooks/([^)/]+\.dib)\)")]
    private static partial Regex Links();

    private static string Json(JsonNode? node) => node!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
