using System.Globalization;
using System.Net;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>One cell as a part of a page.</summary>
internal static class CellHtml
{
    /// <summary>A markdown cell, or a code cell with its outputs.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="state">A word on how far its run is, shown beside the code; empty for none.</param>
    /// <param name="folder">The notebook's folder.</param>
    /// <param name="place">Where the page is written to; null for a watched one.</param>
    public static string Of(InteractiveDocumentElement cell, string state, string folder, LinkPlace? place = null)
    {
        if (cell.KernelName == NotebookFile.Markdown) return $"<section class=\"text\">\n{MarkdownHtml.Of(cell.Contents, folder, place)}</section>";
        var outputs = "";
        foreach (var output in cell.Outputs) outputs += Of(output);
        var number = cell.ExecutionOrder > 0 ? cell.ExecutionOrder.ToString(CultureInfo.InvariantCulture) : " ";
        var code = cell.KernelName == NotebookFile.CSharp ? CodeHtml.Of(cell.Contents) : WebUtility.HtmlEncode(cell.Contents);
        return $"""
            <section class="{$"code {state}".TrimEnd()}">
            <pre class="source" data-number="{number}"><code>{code}</code></pre>
            {outputs}</section>
            """;
    }

    private static string Of(InteractiveDocumentOutputElement output) => output switch
    {
        TextElement text => $"<pre class=\"{(text.Name == "stderr" ? "warning" : "plain")}\">{WebUtility.HtmlEncode(text.Text)}</pre>\n",
        ErrorElement error => $"<pre class=\"error\">{WebUtility.HtmlEncode(error.ErrorValue)}</pre>\n",
        DisplayElement value => $"<div class=\"output\">{Best(value.Data)}</div>\n",
        ReturnValueElement value => $"<div class=\"output\">{Best(value.Data)}</div>\n",
        _ => "",
    };

    private static string Best(IDictionary<string, object> data)
    {
        if (TextOf(data, "text/html") is { } html) return html;
        if (TextOf(data, "image/svg+xml") is { } svg) return svg;
        foreach (var type in (string[])["image/png", "image/jpeg"])
            if (TextOf(data, type) is { } picture)
                return $"<img alt=\"A picture that the cell above shows\" src=\"data:{type};base64,{picture}\">";
        return $"<pre class=\"plain\">{WebUtility.HtmlEncode(TextOf(data, "text/plain") ?? string.Join('\n', data.Keys.Select(key => TextOf(data, key))))}</pre>";
    }

    // A value that was just shown is a text; one that was read from an .ipynb may be a list of lines.
    private static string? TextOf(IDictionary<string, object> data, string type) => data.TryGetValue(type, out var value) switch
    {
        false => null,
        true when value is IEnumerable<object> lines => string.Concat(lines),
        true => value?.ToString(),
    };
}
