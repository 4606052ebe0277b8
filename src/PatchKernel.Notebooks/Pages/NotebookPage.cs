using System.Net;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>A notebook as one page that needs nothing else: markdown, code, outputs, and plotly.js once.</summary>
internal static class NotebookPage
{
    // A page that asks the network for anything is stopped by the browser itself; a watched one asks its own server.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; script-src 'unsafe-inline'";

    private static readonly Lazy<string> Style = new(() => Resource("notebook.css"));

    /// <summary>The page to keep.</summary>
    /// <param name="document">The notebook with its outputs.</param>
    /// <param name="name">Its name, for one without a heading.</param>
    /// <param name="folder">The folder where its pictures' paths begin.</param>
    /// <param name="plotly">plotly.js, if it has charts.</param>
    /// <param name="place">Where the page is written to.</param>
    public static string Of(InteractiveDocument document, string name, string folder, string? plotly, LinkPlace place) => Page(
        TitleOf(document, name), document.Elements.Select(cell => CellHtml.Of(cell, "", folder, place)), plotly is null ? "" : $"<script>{plotly}</script>\n", Policy);

    /// <summary>The page that redraws: it takes its cells from the server that it comes from.</summary>
    public static string Watched(string title) => Page(title, [], $"<script>\n{Resource("watch.js")}</script>\n", Policy + " 'self'; connect-src 'self'");

    /// <summary>The notebook's first heading, or its name.</summary>
    public static string TitleOf(InteractiveDocument document, string name)
    {
        var lines = document.Elements.Where(cell => cell.KernelName == NotebookFile.Markdown).SelectMany(cell => cell.Contents.Split('\n'));
        return lines.FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal)) is { } heading ? heading[2..].Trim() : name;
    }

    private static string Page(string title, IEnumerable<string> cells, string scripts, string policy) =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{policy}">
        <title>{WebUtility.HtmlEncode(title)}</title>
        <link rel="icon" href="data:,">
        <style>
        {Style.Value}</style>
        <script>
        {Resource("scroll.js")}</script>
        {scripts}</head>
        <body>
        <main>
        {string.Join('\n', cells)}
        </main>
        </body>
        </html>

        """;

    private static string Resource(string name)
    {
        using var stream = typeof(NotebookPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
