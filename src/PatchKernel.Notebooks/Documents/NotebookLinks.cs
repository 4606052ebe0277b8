using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>
/// Links from one notebook to another: a .dib's lead to .dib files, and an .ipynb's to .ipynb files. In another folder than the notebook's own, links lead to where they led
/// and pictures go along.
/// </summary>
internal static class NotebookLinks
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePreciseSourceLocation().Build();

    /// <summary>The cells with links to notebooks of the file's own format, where those are there.</summary>
    /// <param name="cells">The cells; they stay as they are.</param>
    /// <param name="path">The file that they are written to.</param>
    /// <param name="source">The file that they were read from.</param>
    /// <param name="others">Files that are written with it, and may not be there yet.</param>
    public static IEnumerable<InteractiveDocumentElement> Turned(IEnumerable<InteractiveDocumentElement> cells, string path, string source, IReadOnlyCollection<string> others)
    {
        var (place, folder) = (new LinkPlace(path, others), Path.GetDirectoryName(Path.GetFullPath(source))!);
        var stays = folder == Path.GetDirectoryName(Path.GetFullPath(path));
        foreach (var cell in cells)
            yield return cell.KernelName == NotebookFile.Markdown && Turned(cell.Contents, New) is var text && text != cell.Contents ? With(cell, text) : cell;

        string? New(string link, bool isPicture) => stays ? place.Turned(link) : isPicture ? PictureData.Of(link, folder) : LinkPlace.Led(link, folder, place) ?? place.Turned(link);
    }

    private static string Turned(string markdown, Func<string, bool, string?> turn)
    {
        // From the last to the first, so that the places of the others hold.
        foreach (var (url, span, isPicture) in Links(markdown).OrderByDescending(link => link.Span.Start))
            if (turn(url, isPicture) is { } turned && markdown.AsSpan(span.Start, span.Length).Contains(url, StringComparison.Ordinal))
                markdown = markdown[..span.Start] + markdown.Substring(span.Start, span.Length).Replace(url, turned, StringComparison.Ordinal) + markdown[(span.End + 1)..];
        return markdown;
    }

    private static List<(string Url, SourceSpan Span, bool IsPicture)> Links(string markdown)
    {
        var read = Markdown.Parse(markdown, Pipeline);
        var inline = read.Descendants<LinkInline>().Where(link => link is { Url: not null, UrlSpan.IsEmpty: false, Reference: null }).Select(link => (link.Url!, link.UrlSpan, link.IsImage));
        var named = read.Descendants<LinkReferenceDefinition>().Where(link => link is { Url: not null, UrlSpan.IsEmpty: false }).Select(link => (link.Url!, link.UrlSpan, false));
        return [.. inline.Concat(named).Distinct()];
    }

    private static InteractiveDocumentElement With(InteractiveDocumentElement cell, string text)
    {
        var turned = new InteractiveDocumentElement(text, cell.KernelName, cell.Outputs) { Id = cell.Id, ExecutionOrder = cell.ExecutionOrder };
        foreach (var (key, value) in cell.Metadata ?? new Dictionary<string, object>()) (turned.Metadata ??= new Dictionary<string, object>())[key] = value;
        return turned;
    }
}
