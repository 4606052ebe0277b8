using System.Text.RegularExpressions;

namespace PatchKernel.Notebooks;

/// <summary>plotly.js, which a chart may bring along: taken out of the outputs, and put once on a page.</summary>
internal static partial class PlotlyLibrary
{
    // No chart is nearly as long as the library, which begins with a comment of this text; PatchKernel packs it, and marks the element.
    private const int Least = 500_000;
    private const string Banner = "plotly.js v";
    private const string Ours = "<script data-patchkernel=\"plotly\">";

    /// <summary>Takes the script elements that hold the library out of a piece of HTML.</summary>
    /// <param name="html">An output of a cell.</param>
    /// <param name="library">The script's text; null where there is none.</param>
    public static string TakeOut(string html, out string? library)
    {
        library = null;
        if (html.Length < Least) return html;
        string? found = null;
        var rest = Script().Replace(html, script =>
        {
            var text = script.Groups["text"].Value;
            if (text.Length < Least) return script.Value;
            if (text.AsSpan(0, 1000).Contains(Banner, StringComparison.Ordinal)) found = text;
            else if (script.Value.StartsWith(Ours, StringComparison.Ordinal)) found = OfLoadedLibrary();
            else return script.Value;
            return "";
        });
        library = found;
        return rest;
    }

    /// <summary>The script's text unpacked, also for a page whose charts didn't bring it along: the library shows it once a process, and this may be the second notebook.</summary>
    /// <returns>Null where no library is loaded that has it.</returns>
    public static string? OfLoadedLibrary()
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "PatchKernel"))
        {
            var script = assembly.GetType("PatchKernel.ChartPage")?.GetProperty("PlotlyScript")?.GetValue(null) as string;
            if (script is null) continue;
            TakeOut(script, out var library);
            return library;
        }
        return null;
    }

    [GeneratedRegex("<script[^>]*>(?<text>.*?)</script>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Script();
}
