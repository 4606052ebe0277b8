extern alias runner;

using System.Diagnostics;
using System.Text;
using CsCheck;
using PatchKernel.Tests.Hostile;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>Files that are no notebooks, or broken ones: one sentence that says what is wrong with which file, and nothing is waited for.</summary>
public sealed class BadNotebookTests : IDisposable
{
    private const string Dib =
        """
        #!meta

        {"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"csharp","languageName":"C#","aliases":["c#","cs"]}]}}

        #!markdown

        # Title

        #!csharp

        1 + 1

        """;

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("key-twice.ipynb", "stands there for the second time.")]
    [InlineData("kernel-without-name.ipynb", "it has no metadata.polyglot_notebook.kernelInfo.items[0].name.")]
    public void A_case_of_others_is_one_sentence(string name, string expected) =>
        Refused(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "notebooks", name), expected);

    [Theory]
    [InlineData("no notebook", "isn't valid JSON at line 1, column ")]
    [InlineData("[]", "isn't a JSON object.")]
    [InlineData("null", "isn't a JSON object.")]
    [InlineData("{}", "it has no list of cells.")]
    [InlineData("""{"cells": null}""", "it has no list of cells.")]
    [InlineData("""{"cells": {}}""", "cells is {} where an array belongs.")]
    [InlineData("""{"cells": [1]}""", "cells[0] is 1 where an object belongs.")]
    [InlineData("""{"cells": [{"source": "1"}]}""", "it has no cells[0].cell_type.")]
    [InlineData("""{"cells": [{"cell_type": "code"}]}""", "it has no cells[0].source.")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": 5}]}""", "cells[0].source is 5 where a text belongs.")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": ["a", 5]}]}""", "cells[0].source[1] is 5 where a text belongs.")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": "1", "metadata": 5}]}""", "cells[0].metadata is 5 where an object belongs.")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": "1", "metadata": {"polyglot_notebook": {"kernelName": 5}}}]}""", "kernelName is 5 where a text belongs.")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": "1", "outputs": [{"output_type": "smell"}]}]}""", "output_type is \"smell\", which isn't supported")]
    [InlineData("""{"cells": [{"cell_type": "code", "source": "1", "execution_count": 1.5}]}""", "open it in VS Code or Jupyter and save it again.")]
    [InlineData("""{"cells": [], "nbformat": 3, "worksheets": []}""", "nbformat is 3, but only format 4 is read: convert it by `jupyter nbconvert --to notebook`.")]
    [InlineData("""{"cells": [], "nbformat": 5}""", "nbformat is 5, but only format 4 is read: save it as format 4.")]
    [InlineData("""{"cells": [], "metadata": {"polyglot_notebook": {"kernelInfo": {"items": [{"name": " "}]}}}}""", "but a kernel needs a name.")]
    [InlineData("""{"cells": [], "metadata": {"polyglot_notebook": {"kernelInfo": {"items": [{"name": "a", "aliases": ["b", "b"]}]}}}}""", "but another kernel has that name already.")]
    public void An_ipynb_that_is_none_says_where(string text, string expected) => Refused(Write("a.ipynb", Encoding.UTF8.GetBytes(text)), expected);

    [Theory]
    [InlineData("#!meta\n\n#!csharp\n\n1", "The #!meta block of ")]
    [InlineData("#!meta\n\n{\"kernelInfo\":\n {\"items\": x}}\n\n#!csharp\n\n1", "isn't valid JSON at line 4, column ")]
    [InlineData("#!meta\n\n{\"kernelInfo\": {\"items\": [{}]}}\n\n#!csharp\n\n1", "it has no kernelInfo.items[0].name.")]
    [InlineData("#!meta\n\n{\"a\": 1, \"a\": 2}\n\n#!csharp\n\n1", "stands there for the second time.")]
    [InlineData("#!meta\n\n{\"a\": \"\\ud800\"}\n\n#!csharp\n\n1", "it has a text that isn't valid Unicode.")]
    [InlineData("#!meta\n\n[]\n\n#!csharp\n\n1", "isn't a JSON object.")]
    public void A_dib_with_a_broken_block_says_where(string text, string expected) => Refused(Write("a.dib", Encoding.UTF8.GetBytes(text)), expected);

    [Theory]
    [InlineData("a.ipynb")]
    [InlineData("a.dib")]
    public void What_is_no_text_is_refused_whatever_its_name(string name)
    {
        Refused(Write(name, []), "is empty.");
        Refused(Write(name, [.. "#!csharp\n\n\""u8, 0xC3, 0x28]), "isn't UTF-8 text: open it in an editor and save it as UTF-8.");
        Refused(Write(name, Encoding.Unicode.GetBytes("#!csharp\n\n\"é\"")), "");
        Refused(Directory.CreateDirectory(folder.File($"folder-{name}")).FullName, "is a folder: give the notebook in it.");
        using (var large = new FileStream(folder.File(name), FileMode.Create)) large.SetLength(100_000_001);
        Refused(folder.File(name), "has 100000001 bytes, too many for a notebook: clear its outputs.");
    }

    [Fact]
    public async Task A_pipe_and_a_device_are_refused_and_never_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes with names");
        using (var make = Process.Start("mkfifo", [folder.File("pipe.dib")])) await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(folder.File("zero.ipynb"), "/dev/zero");
        Refused(folder.File("pipe.dib"), "is a pipe, not a file: save it as a file, and give that.");
        Refused(folder.File("zero.ipynb"), "is a device, not a file: save it as a file, and give that.");
    }

    [Fact]
    public void A_mark_at_the_beginning_and_windows_line_ends_are_no_fault()
    {
        var text = Dib.Replace("\n", "\r\n", StringComparison.Ordinal);
        Assert.Equal(["# Title", "1 + 1"], NotebookFile.Load(Write("a.dib", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)])).Elements.Select(cell => cell.Contents));
    }

    [Fact]
    public void An_output_that_cannot_be_kept_is_refused_by_a_sentence()
    {
        var path = Write("a.ipynb", """{"cells": [{"cell_type": "code", "source": "1", "outputs": [{"output_type": "display_data", "data": {"application/json": {"a": 1}}, "metadata": {}}]}]}"""u8.ToArray());
        Assert.Equal("A cell has an output that isn't text, such as JSON, which can't be kept: clear the notebook's outputs.",
            Notebook.Run("convert", path, folder.File("b.ipynb")).Failure());
    }

    [Theory]
    [InlineData("a.ipynb")]
    [InlineData("a.dib")]
    public void A_notebook_changed_in_any_way_opens_or_is_refused_in_one_sentence(string name)
    {
        var good = Encoding.UTF8.GetBytes(name == "a.dib" ? Dib : NotebookFile.ToJupyter(NotebookFile.Load(Write("good.dib", Encoding.UTF8.GetBytes(Dib)))));
        var changes = name == "a.dib" ? Gen.OneOf(ByteChange.Any(1), JsonChange.Any(Known).Select(change => new Change<byte[]>(change.What, dib => InMeta(dib, change.Apply)))) : JsonChange.Any(Known);
        var tally = new Tally();
        changes.Array[1, 2].Sample(some =>
        {
            var bytes = some.All(good);
            tally.Add(Trial.Refusal(Write(name, bytes), bytes.Length, () => Open(folder.File(name))));
        }, iter: Trial.Count, threads: 1, print: some => string.Join("; ", (object[])some));
        tally.Check();
    }

    public void Dispose() => folder.Dispose();

    private static Dictionary<string, string[]> Known { get; } = new()
    {
        ["cell_type"] = ["\"code\"", "\"markdown\"", "\"raw\"", "\"heading\""],
        ["source"] = ["\"#!fsharp\\n1\"", "[\"#!markdown\\n\", \"a\"]", "[]"],
        ["metadata"] = ["null", "{\"polyglot_notebook\": null}", "{\"kernelspec\": {\"language\": \"python\"}}"],
        ["polyglot_notebook"] = ["{\"kernelName\": \"\"}", "{\"kernelInfo\": null}"],
        ["kernelInfo"] = ["null", "{\"items\": null}", "{\"items\": [{\"name\": \"#a\"}]}", "{\"items\": [{\"name\": \"sql\", \"aliases\": [\"cs\"]}]}"],
        ["name"] = ["null", "\"\"", "\"python\""],
        ["aliases"] = ["null", "[null]", "[\"csharp\"]"],
        ["execution_count"] = ["-1", "2147483648"],
        ["outputs"] = ["null", "[{}]", "[{\"output_type\": \"stream\"}]", "[{\"output_type\": \"display_data\", \"data\": {\"application/json\": {}}}]"],
        ["nbformat"] = ["3", "4", "5"],
    };

    private static byte[] InMeta(byte[] dib, Func<byte[], byte[]> change)
    {
        var text = Encoding.UTF8.GetString(dib);
        var (begin, end) = (text.IndexOf('{', StringComparison.Ordinal), text.IndexOf("\n\n#!markdown", StringComparison.Ordinal));
        return begin < 0 || end < begin ? dib : [.. Encoding.UTF8.GetBytes(text[..begin]), .. change(Encoding.UTF8.GetBytes(text[begin..end])), .. Encoding.UTF8.GetBytes(text[end..])];
    }

    // The runner's own type stands for the library's, from which it is linked.
    private static void Open(string path)
    {
        try
        {
            var document = NotebookFile.Load(path);
            try
            {
                _ = NotebookFile.ToJupyter(document);
                _ = NotebookFile.ToDib(document);
            }
            catch (runner::PatchKernel.PatchKernelException)
            {
                // It opened; not every notebook fits each format.
            }
        }
        catch (runner::PatchKernel.PatchKernelException e)
        {
            throw new PatchKernelException(e.Message, e);
        }
    }

    private static void Refused(string path, string expected)
    {
        var message = Trial.Refusal(path, 0, () => Open(path));
        Assert.NotNull(message);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder.File(name), bytes);
        return folder.File(name);
    }
}
