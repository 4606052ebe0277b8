using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Documents.Jupyter;

namespace PatchKernel.Notebooks;

/// <summary>Reads and writes notebooks, .dib and .ipynb, by .NET Interactive's own package; what that loses is put right or refused here.</summary>
internal static class NotebookFile
{
    public const string CSharp = "csharp";
    public const string Markdown = "markdown";

    /// <summary>Names that begin a cell in a .dib, whether or not the file's own #!meta block lists them.</summary>
    private static readonly (string Name, string[] Aliases)[] Kernels =
    [
        (CSharp, ["c#", "cs"]), ("fsharp", ["f#", "fs"]), ("pwsh", ["powershell"]), ("javascript", ["js"]),
        ("html", []), ("http", []), ("mermaid", []), ("sql", []), ("kql", []), ("value", []), (Markdown, ["md"]),
    ];

    /// <summary>Whether the path names a .dib; otherwise it names an .ipynb.</summary>
    /// <exception cref="PatchKernelException">It names neither.</exception>
    public static bool IsDib(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".dib" => true,
        ".ipynb" => false,
        _ => throw new PatchKernelException($"'{path}' is no notebook: its name has to end in .dib or .ipynb."),
    };

    /// <summary>Reads a notebook.</summary>
    /// <exception cref="PatchKernelException">It isn't there, is none, or holds what can't be kept.</exception>
    public static InteractiveDocument Load(string path)
    {
        var isDib = IsDib(path);
        try
        {
            var text = File.ReadAllText(path);
            return isDib ? FromDib(text) : FromJupyter(text, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PatchKernelException($"There is no notebook '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"Cannot read '{path}': {e.Message.TrimEnd('.')}.", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new PatchKernelException($"'{path}' is no notebook that can be read: {e.Message.Split('\n')[0].TrimEnd('.')}.", e);
        }
    }

    /// <summary>Writes a notebook as the path's ending says; a .dib holds no outputs.</summary>
    /// <exception cref="PatchKernelException">A .dib can't hold it, or the path can't be written.</exception>
    public static void Save(InteractiveDocument document, string path) =>
        AtomicFile.Write(path, IsDib(path) ? ToDib(document) : ToJupyter(document));

    /// <summary>The notebook as a .dib.</summary>
    /// <exception cref="PatchKernelException">A line inside a cell would begin another cell.</exception>
    public static string ToDib(InteractiveDocument document)
    {
        var names = KernelNames(document.Metadata);
        for (var i = 0; i < document.Elements.Count; i++)
            if (document.Elements[i].Contents.Split('\n').Select(line => line.TrimEnd('\r')).FirstOrDefault(line => Begins(line, names)) is { } line)
                throw new PatchKernelException($"Cell {i + 1} has the line '{line}', which would begin a cell of its own in a .dib: change that line.");
        return document.ToCodeSubmissionContent();
    }

    /// <summary>The notebook as Jupyter's JSON, with an id for each cell and the metadata that VS Code and Jupyter look for.</summary>
    public static string ToJupyter(InteractiveDocument document)
    {
        var copy = new InteractiveDocument(document.Elements);
        foreach (var (key, value) in JupyterMetadata.From(document.Metadata)) copy.Metadata[key] = value;
        var ids = document.Elements.Select(cell => cell.Id).OfType<string>().ToHashSet();
        for (var i = 0; i < document.Elements.Count; i++)
            document.Elements[i].Id ??= FreeId(ids, i + 1);
        return copy.ToJupyterJson() + "\n";
    }

    private static InteractiveDocument FromDib(string text)
    {
        var read = CodeSubmission.Parse(text, KnownKernels());
        // A file without any cell comes back with an empty one.
        return read.Elements is [{ Contents: "" }] ? WithoutCells(read) : read;
    }

    private static InteractiveDocument FromJupyter(string text, string path)
    {
        var cells = JsonNode.Parse(text)?["cells"] as JsonArray ?? throw new PatchKernelException($"'{path}' is no notebook: it has no list of cells.");
        for (var i = 0; i < cells.Count; i++)
        {
            if ((string?)cells[i]?["cell_type"] is not ("code" or Markdown))
                throw new PatchKernelException($"Cell {i + 1} of '{path}' is neither code nor markdown: make it one of them.");
            if (cells[i]?["attachments"] is JsonObject { Count: > 0 })
                throw new PatchKernelException($"Cell {i + 1} of '{path}' has an attachment, which would be lost: link to a file instead.");
        }
        var read = Notebook.Parse(text, KnownKernels());
        var metadata = JupyterMetadata.ToDib(read.Metadata);
        read.Metadata.Clear();
        foreach (var (key, value) in metadata) read.Metadata[key] = value;
        foreach (var cell in read.Elements) cell.KernelName = Canonical(cell.KernelName ?? DefaultKernel(read.Metadata));
        return read;
    }

    private static InteractiveDocument WithoutCells(InteractiveDocument read)
    {
        read.Elements.Clear();
        return read;
    }

    private static KernelInfoCollection KnownKernels()
    {
        var kernels = new KernelInfoCollection { DefaultKernelName = CSharp };
        foreach (var (name, aliases) in Kernels) kernels.Add(new KernelInfo(name, aliases: aliases));
        return kernels;
    }

    private static string DefaultKernel(IDictionary<string, object> metadata) =>
        metadata.TryGetValue("kernelInfo", out var info) && info is KernelInfoCollection { DefaultKernelName: { } name } ? name : CSharp;

    // A kernelspec names the language, such as C#, and the package takes that for the kernel's name.
    private static string Canonical(string name) =>
        Array.Find(Kernels, kernel => kernel.Aliases.Append(kernel.Name).Contains(name, StringComparer.OrdinalIgnoreCase)).Name ?? name;

    private static HashSet<string> KernelNames(IDictionary<string, object> metadata)
    {
        var names = Kernels.SelectMany(kernel => kernel.Aliases.Prepend(kernel.Name)).ToHashSet();
        if (metadata.TryGetValue("kernelInfo", out var info) && info is KernelInfoCollection kernels)
            names.UnionWith(kernels.SelectMany(kernel => kernel.Aliases.Append(kernel.Name)));
        return names;
    }

    private static bool Begins(string line, HashSet<string> names) =>
        line.StartsWith("#!meta", StringComparison.Ordinal) || (line.StartsWith("#!", StringComparison.Ordinal) && names.Contains(line[2..]));

    private static string FreeId(HashSet<string> taken, int number)
    {
        var id = $"cell-{number}";
        while (!taken.Add(id)) id += "-";
        return id;
    }
}
