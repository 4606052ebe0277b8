using Microsoft.DotNet.Interactive.Documents;
using PatchKernel.Json;

namespace PatchKernel.Notebooks;

/// <summary>A notebook's list of kernels, <c>kernelInfo</c>, as somebody else wrote it.</summary>
internal static class KernelList
{
    public const string Key = "kernelInfo";
    public const string Default = "defaultKernelName";

    /// <summary>What VS Code's Polyglot extension, on opening a notebook, puts into a list that lacks it.</summary>
    private static readonly KernelInfo[] Editors =
    [
        new(NotebookFile.CSharp, "C#", ["c#", "cs"]), new("fsharp", "F#", ["f#", "fs"]), new("html", "HTML"), new("http", "HTTP"),
        new("javascript", "JavaScript", ["js"]), new("mermaid", "Mermaid"), new("pwsh", "PowerShell", ["powershell"]), new("value"),
    ];

    /// <summary>A notebook's list, as it stands in its metadata; null for none.</summary>
    public static KernelInfoCollection? Of(IDictionary<string, object> metadata)
    {
        if (!metadata.TryGetValue(Key, out var list)) return null;
        var document = new InteractiveDocument();
        document.Metadata[Key] = list;
        return document.GetKernelInfo();
    }

    /// <summary>The list as that extension would write it, so that opening the notebook there changes nothing.</summary>
    /// <param name="own">The notebook's own list, whose other kernels stay; null for none.</param>
    public static KernelInfoCollection Completed(KernelInfoCollection? own)
    {
        var others = (own ?? []).Where(kernel => !Editors.Any(known => known.Name == kernel.Name)).ToList();
        var taken = others.SelectMany(kernel => kernel.Aliases.Append(kernel.Name)).ToHashSet();
        var free = Editors.Where(known => !known.Aliases.Append(known.Name).Any(taken.Contains));
        var completed = new KernelInfoCollection { DefaultKernelName = own?.DefaultKernelName ?? NotebookFile.CSharp };
        completed.AddRange(others.Concat(free).OrderBy(kernel => kernel.Name, StringComparer.Ordinal));
        return completed;
    }

    /// <summary>Checks it.</summary>
    /// <exception cref="PatchKernelException">A kernel has no name, or two have the same.</exception>
    public static void Check(JsonPart list)
    {
        _ = list.Find(Default)?.Text();
        var names = new HashSet<string>();
        foreach (var kernel in list.Find("items")?.Items() ?? [])
        {
            foreach (var name in (kernel.Find("aliases")?.Items() ?? []).Prepend(kernel.Require("name")))
            {
                if (string.IsNullOrWhiteSpace(name.Text())) throw name.But("a kernel needs a name");
                if (name.Text().StartsWith('#')) throw name.But("a kernel's name can't begin with #");
                if (!names.Add(name.Text())) throw name.But("another kernel has that name already");
            }
            _ = kernel.Find("languageName")?.Text();
        }
    }
}
