using System.Net;
using System.Text.RegularExpressions;
using Markdig;

namespace PatchKernel.Notebooks;

/// <summary>Markdown as HTML that needs no other file: pictures beside the notebook go into it, and links lead to what is there.</summary>
internal static partial class MarkdownHtml
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();

    /// <summary>The HTML of a markdown cell.</summary>
    /// <param name="markdown">The cell's text.</param>
    /// <param name="folder">The notebook's folder, where its pictures' paths begin.</param>
    /// <param name="place">Where the page is written to; null for one that only its own server has, on which no relative link leads anywhere.</param>
    public static string Of(string markdown, string folder, LinkPlace? place)
    {
        var html = Picture().Replace(Markdown.ToHtml(markdown, Pipeline), picture => Inline(picture, folder));
        return Link().Replace(html, link => Led(link, folder, place));
    }

    private static string Led(Match link, string folder, LinkPlace? place)
    {
        var to = LinkPlace.Led(WebUtility.HtmlDecode(link.Groups["to"].Value), folder, place);
        return to is null ? link.Groups["text"].Value : $"{link.Groups["before"].Value}{WebUtility.HtmlEncode(to)}{link.Groups["after"].Value}{link.Groups["text"].Value}</a>";
    }

    private static string Inline(Match picture, string folder)
    {
        var source = WebUtility.HtmlDecode(picture.Groups["source"].Value);
        if (source.StartsWith("data:", StringComparison.OrdinalIgnoreCase)) return picture.Value;
        // A page asks nobody for anything: what can't be put into it becomes a link.
        return PictureData.Of(source, folder) is { } data
            ? $"{picture.Groups["before"].Value}{data}{picture.Groups["after"].Value}"
            : $"<a href=\"{picture.Groups["source"].Value}\">{picture.Groups["source"].Value}</a>";
    }

    [GeneratedRegex("""(?<before><a\s[^>]*?href=")(?<to>[^"]*)(?<after>"[^>]*>)(?<text>.*?)</a>""", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Link();

    [GeneratedRegex("""(?<before><img\s[^>]*?src=")(?<source>[^"]*)(?<after>"[^>]*>)""", RegexOptions.IgnoreCase)]
    private static partial Regex Picture();
}
