using PatchKernel.Json;

namespace PatchKernel.Notebooks;

/// <summary>An .ipynb's JSON before anything is made of it: whether it is a notebook, and which kernel each cell is for.</summary>
internal static class JupyterCells
{
    private const string Polyglot = "polyglot_notebook";
    private const string Older = "dotnet_interactive";
    private const string OlderPrefix = "dotnet-interactive.";

    // VS Code's name for any cell of such a notebook, which says nothing.
    private const string AnyLanguage = "polyglot-notebook";

    private static readonly string[] OutputTypes = ["stream", "display_data", "execute_result", "error"];

    /// <summary>Checks the notebook.</summary>
    /// <returns>Each cell's kernel; <see cref="NotebookFile.Markdown"/> for text.</returns>
    /// <exception cref="PatchKernelException">It is none, or has what can't be kept.</exception>
    public static IReadOnlyList<string> Kernels(JsonPart notebook)
    {
        if (notebook.Find("nbformat") is { } format && format.Whole() != 4)
            throw format.But($"only format 4 is read: {(format.Whole() < 4 ? "convert it by `jupyter nbconvert --to notebook`" : "save it as format 4")}");
        var cells = notebook.Find("cells") ?? throw notebook.Error("it has no list of cells");
        var metadata = notebook.Find("metadata");
        if (metadata?.Find(Polyglot)?.Find(KernelList.Key) is { } kernels) KernelList.Check(kernels);
        var byDefault = DefaultKernel(metadata);
        return [.. cells.Items().Select((cell, i) => Kernel(cell, $"Cell {i + 1} of '{notebook.File}'", byDefault))];
    }

    private static string Kernel(JsonPart cell, string name, string byDefault)
    {
        var kind = cell.Require("cell_type").Text();
        if (kind == "raw") throw new PatchKernelException($"{name} is raw text, which nothing shows: make it markdown, or take it out.");
        if (kind is not ("code" or NotebookFile.Markdown)) throw new PatchKernelException($"{name} is neither code nor markdown: make it one of them.");
        if (cell.Find("attachments")?.Members().Any() == true)
            throw new PatchKernelException($"{name} has an attachment, which would be lost: link to a file instead.");
        var firstLine = FirstLine(cell.Require("source"));
        foreach (var output in cell.Find("outputs")?.Items() ?? [])
            if (output.Require("output_type") is var type && !OutputTypes.Contains(type.Text())) throw type.Unsupported(string.Join(", ", OutputTypes));
        // An older VS Code extension wrote a language into markdown cells too.
        return kind == NotebookFile.Markdown ? kind : Named(firstLine) ?? Named(cell.Find("metadata")) ?? byDefault;
    }

    private static string FirstLine(JsonPart source)
    {
        if (source.Element.ValueKind != System.Text.Json.JsonValueKind.Array) return source.Text().Split('\n')[0];
        return string.Concat(source.Items().Select(line => line.Text())).Split('\n')[0];
    }

    // In Jupyter, which knows one language a notebook, a first line #!fsharp names another.
    private static string? Named(string firstLine) =>
        firstLine.StartsWith("#!", StringComparison.Ordinal) && NotebookFile.Canonical(firstLine[2..].Split(' ')[0].TrimEnd('\r')) is { Known: true } kernel
            ? Code(kernel.Name)
            : null;

    private static string? Named(JsonPart? metadata) =>
        Code(metadata?.Find(Polyglot)?.Find("kernelName")) ?? Code(metadata?.Find(Older)?.Find("language")) ?? Code(metadata?.Find("vscode")?.Find("languageId"));

    private static string DefaultKernel(JsonPart? metadata)
    {
        var polyglot = metadata?.Find(Polyglot);
        return Code(polyglot?.Find(KernelList.Key)?.Find(KernelList.Default)) ?? Code(polyglot?.Find(KernelList.Default))
            ?? Code(metadata?.Find(Older)?.Find(KernelList.Default))
            ?? Code(metadata?.Find("kernelspec")?.Find("language")) ?? Code(metadata?.Find("language_info")?.Find("name"))
            ?? NotebookFile.CSharp;
    }

    private static string? Code(JsonPart? name) => name is null ? null : Code(name.Text());

    /// <summary>A kernel's own name; null for what isn't one that runs code.</summary>
    private static string? Code(string name)
    {
        if (name.StartsWith(OlderPrefix, StringComparison.Ordinal)) name = name[OlderPrefix.Length..];
        return NotebookFile.Canonical(name.Trim()).Name is var kernel && kernel is not ("" or AnyLanguage or NotebookFile.Markdown) ? kernel : null;
    }
}
