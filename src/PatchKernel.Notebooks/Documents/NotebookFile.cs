using System.Text;
using System.Text.Json;
using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Documents.Jupyter;
using PatchKernel.Json;

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
        var text = NotebookText.Read(path);
        try
        {
            return isDib ? FromDib(text, path) : FromJupyter(text, path);
        }
        catch (Exception e) when (e is not (PatchKernelException or OutOfMemoryException))
        {
            // What the package says is for its own programmers.
            throw new PatchKernelException($"The notebook '{path}' has cells or metadata that can't be read: open it in VS Code or Jupyter and save it again.", e);
        }
    }

    /// <summary>Writes a notebook as the path's ending says; a .dib holds no outputs.</summary>
    /// <param name="document">The notebook.</param>
    /// <param name="path">The file.</param>
    /// <param name="source">The file where its links begin; null where they stay as they are.</param>
    /// <param name="others">Files that are written with it: links to notebooks lead to these too.</param>
    /// <exception cref="PatchKernelException">A .dib can't hold it, or the path can't be written.</exception>
    public static void Save(InteractiveDocument document, string path, string? source = null, params IReadOnlyCollection<string> others) =>
        AtomicFile.Write(path, Text(document, path, source, others));

    /// <summary>What <see cref="Save"/> writes.</summary>
    public static string Text(InteractiveDocument document, string path, string? source = null, params IReadOnlyCollection<string> others)
    {
        var turned = new InteractiveDocument([.. NotebookLinks.Turned(document.Elements, path, source ?? path, others)]);
        foreach (var (key, value) in document.Metadata) turned.Metadata[key] = value;
        return IsDib(path) ? ToDib(turned) : ToJupyter(turned);
    }

    /// <summary>The notebook as a .dib.</summary>
    /// <exception cref="PatchKernelException">A line inside a cell would begin another cell, or a cell's own first line wouldn't.</exception>
    public static string ToDib(InteractiveDocument document)
    {
        var names = KernelNames(document.Metadata);
        var copy = new InteractiveDocument();
        copy.Metadata[KernelList.Key] = KernelList.Completed(KernelList.Of(document.Metadata));
        foreach (var (key, value) in document.Metadata) copy.Metadata.TryAdd(key, value);
        foreach (var cell in document.Elements)
        {
            var number = copy.Elements.Count + 1;
            if (!names.Contains(cell.KernelName!))
                throw new PatchKernelException($"Cell {number} is in {cell.KernelName}, a kernel that the notebook doesn't list, so that a .dib couldn't hold it: take the cell out.");
            var contents = WithoutOwnName(cell);
            if (contents.Split('\n').Select(line => line.TrimEnd('\r')).FirstOrDefault(line => Begins(line, names)) is { } line)
                throw new PatchKernelException($"Cell {number} has the line '{line}', which would begin a cell of its own in a .dib: change that line.");
            copy.Add(new(contents, cell.KernelName));
        }
        return copy.ToCodeSubmissionContent();
    }

    /// <summary>The notebook as Jupyter's JSON, with an id for each cell and the metadata that VS Code and Jupyter look for.</summary>
    /// <exception cref="PatchKernelException">An output can't be kept.</exception>
    public static string ToJupyter(InteractiveDocument document)
    {
        var copy = new InteractiveDocument(document.Elements);
        foreach (var (key, value) in JupyterMetadata.From(document.Metadata)) copy.Metadata[key] = value;
        var ids = document.Elements.Select(cell => cell.Id).OfType<string>().ToHashSet();
        for (var i = 0; i < document.Elements.Count; i++)
            document.Elements[i].Id ??= FreeId(ids, i + 1);
        try
        {
            return copy.ToJupyterJson() + "\n";
        }
        catch (ArgumentException e) // how the package says that it can't
        {
            throw new PatchKernelException("A cell has an output that isn't text, such as JSON, which can't be kept: clear the notebook's outputs.", e);
        }
    }

    /// <summary>A code cell's text without a first line that names its kernel, as Jupyter needs it and a .dib has it already.</summary>
    private static string WithoutOwnName(InteractiveDocumentElement cell)
    {
        var lines = cell.Contents.Split('\n', 2);
        var named = lines[0].StartsWith("#!", StringComparison.Ordinal) && Canonical(lines[0][2..].TrimEnd('\r', ' ')).Name == cell.KernelName;
        return named && lines.Length > 1 && cell.KernelName != Markdown ? lines[1] : cell.Contents;
    }

    private static InteractiveDocument FromDib(string text, string path)
    {
        CheckMeta(text, path);
        var read = CodeSubmission.Parse(text, KnownKernels());
        // A file without any cell comes back with an empty one.
        return read.Elements is [{ Contents: "" }] ? WithoutCells(read) : read;
    }

    private static InteractiveDocument FromJupyter(string text, string path)
    {
        var kernels = JsonFile.Parse(Encoding.UTF8.GetBytes(text), $"The notebook '{path}'", json => JupyterCells.Kernels(new("notebook", path, json)));
        var read = Notebook.Parse(text);
        var metadata = JupyterMetadata.ToDib(read.Metadata);
        read.Metadata.Clear();
        foreach (var (key, value) in metadata) read.Metadata[key] = value;
        foreach (var (cell, kernel) in read.Elements.Zip(kernels))
        {
            cell.KernelName = kernel;
            JupyterMetadata.RemoveFalseLanguage(cell);
        }
        CheckKept(read);
        return read;
    }

    /// <summary>Writes the notebook without its outputs to nowhere: metadata that the package can't write fails here, where the file has a name.</summary>
    private static void CheckKept(InteractiveDocument read)
    {
        var bare = new InteractiveDocument([.. read.Elements.Select(cell => new InteractiveDocumentElement(cell.Contents, cell.KernelName) { Metadata = cell.Metadata })]);
        foreach (var (key, value) in read.Metadata) bare.Metadata[key] = value;
        _ = ToJupyter(bare);
    }

    /// <summary>Looks at a .dib's first block, which is JSON; line numbers in errors are the file's.</summary>
    private static void CheckMeta(string text, string path)
    {
        var lines = text.Split('\n');
        var start = Array.FindIndex(lines, line => line.StartsWith("#!meta", StringComparison.Ordinal)) + 1;
        if (start == 0) return;
        var block = new string('\n', start) + string.Join('\n', lines.Skip(start).TakeWhile(line => !line.StartsWith("#!", StringComparison.Ordinal)));
        JsonFile.Parse<object?>(Encoding.UTF8.GetBytes(block), $"The #!meta block of '{path}'", json =>
        {
            if (new JsonPart("notebook", path, json).Find(KernelList.Key) is { } kernels) KernelList.Check(kernels);
            using var nowhere = new Utf8JsonWriter(Stream.Null);
            json.WriteTo(nowhere); // a text that is half a character fails here, not when the notebook is written
            return null;
        });
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

    /// <summary>A kernel's own name where it is known here; else the name as it is.</summary>
    public static (string Name, bool Known) Canonical(string name)
    {
        var known = Array.Find(Kernels, kernel => kernel.Aliases.Append(kernel.Name).Contains(name, StringComparer.OrdinalIgnoreCase)).Name;
        return (known ?? name, known is not null);
    }

    private static HashSet<string> KernelNames(IDictionary<string, object> metadata)
    {
        var names = Kernels.SelectMany(kernel => kernel.Aliases.Prepend(kernel.Name)).ToHashSet();
        names.UnionWith((KernelList.Of(metadata) ?? []).SelectMany(kernel => kernel.Aliases.Append(kernel.Name)));
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
