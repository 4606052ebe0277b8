using System.Text.Json;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>A notebook's metadata: <c>kernelInfo</c> in a .dib, <c>polyglot_notebook.kernelInfo</c>, kernelspec and language_info in an .ipynb.</summary>
internal static class JupyterMetadata
{
    private const string Polyglot = "polyglot_notebook";
    private const string Kernelspec = "kernelspec";
    private const string LanguageInfo = "language_info";

    private static Dictionary<string, object> StandardKernelspec =>
        new() { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" };

    private static Dictionary<string, object> StandardLanguageInfo => new() { ["name"] = "polyglot-notebook" };

    /// <summary>An .ipynb's metadata from a .dib's.</summary>
    public static IEnumerable<KeyValuePair<string, object>> From(IDictionary<string, object> dib)
    {
        yield return new(Kernelspec, dib.TryGetValue(Kernelspec, out var spec) ? spec : StandardKernelspec);
        yield return new(LanguageInfo, dib.TryGetValue(LanguageInfo, out var language) ? language : StandardLanguageInfo);
        var polyglot = dib.TryGetValue(Polyglot, out var rest) && rest is IDictionary<string, object> kept ? new(kept) : new Dictionary<string, object>();
        polyglot[KernelList.Key] = KernelList.Completed(KernelList.Of(dib));
        yield return new(Polyglot, polyglot);
        foreach (var pair in dib.Where(pair => pair.Key is not (Kernelspec or LanguageInfo or Polyglot or KernelList.Key))) yield return pair;
    }

    /// <summary>A .dib's metadata from an .ipynb's; what every .ipynb has is left out, since <see cref="From"/> puts it back.</summary>
    public static IReadOnlyList<KeyValuePair<string, object>> ToDib(IDictionary<string, object> jupyter)
    {
        var polyglot = jupyter.TryGetValue(Polyglot, out var value) && value is IDictionary<string, object> found ? new(found) : new Dictionary<string, object>();
        var dib = new List<KeyValuePair<string, object>> { new(KernelList.Key, KernelList.Completed(KernelList.Of(polyglot))) };
        polyglot.Remove(KernelList.Key);
        if (polyglot.Count > 0) dib.Add(new(Polyglot, polyglot));
        foreach (var (key, kept) in jupyter)
        {
            if (key == Polyglot || (key == Kernelspec && Same(kept, StandardKernelspec)) || (key == LanguageInfo && Same(kept, StandardLanguageInfo))) continue;
            dib.Add(new(key, kept));
        }
        return dib;
    }

    /// <summary>Takes a language out of a cell that is text, since other readers would run it, and a null in its place out of any cell.</summary>
    public static void RemoveFalseLanguage(InteractiveDocumentElement cell)
    {
        foreach (var key in (string[])[Polyglot, "dotnet_interactive"])
            if (cell.KernelName == NotebookFile.Markdown || cell.Metadata?.TryGetValue(key, out var language) == true && language is null) cell.Metadata?.Remove(key);
    }

    private static bool Same(object value, Dictionary<string, object> standard) =>
        value is IDictionary<string, object> dictionary && JsonSerializer.Serialize(dictionary.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            == JsonSerializer.Serialize(standard.OrderBy(pair => pair.Key, StringComparer.Ordinal));
}
