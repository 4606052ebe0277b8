using System.Globalization;
using System.Net;

namespace PatchKernel.Text;

/// <summary>HTML for notebooks: styles inside the elements, the page's own text colour, so that it reads in dark and light ones.</summary>
internal static class Html
{
    /// <summary>The clean run's colour behind text and in bars.</summary>
    public const string CleanColour = "rgba(128,90,213,.38)";

    /// <summary>The corrupt run's colour behind text and in bars.</summary>
    public const string CorruptColour = "rgba(230,126,20,.42)";

    /// <summary>What is there but matters less.</summary>
    public const string Quiet = "opacity:.7";

    /// <summary>A text as HTML shows it.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A number for people.</summary>
    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>The frame around a display.</summary>
    public static string Frame(params IEnumerable<string> parts) =>
        $"<div style=\"font:13px/1.7 system-ui,'Segoe UI',sans-serif;max-width:1000px\">{string.Concat(parts)}</div>";

    /// <summary>A line of HTML.</summary>
    public static string Line(string html, string style = "") => style.Length == 0 ? $"<div>{html}</div>" : $"<div style=\"{style}\">{html}</div>";

    /// <summary>A text of several lines, in a frame.</summary>
    public static string Lines(string text) => Frame(text.Split('\n').Select(line => Line(Text(line))));

    /// <summary>Things beside one another where there is room.</summary>
    public static string Beside(params IEnumerable<string> parts) =>
        $"<div style=\"display:flex;flex-wrap:wrap;gap:8px 40px\">{string.Concat(parts.Select(part => Line(part)))}</div>";

    /// <summary>A bar of what is done, 0 to 1, and beside it how far that is in words.</summary>
    public static string Progress(double part, string text, string more = "") => Frame(
        $"<div style=\"display:flex;align-items:center;gap:10px\">{Bar(part, CleanColour, 220)}<span{Title(more)}>{Text(text)}</span></div>");

    private static string Title(string text) => text.Length == 0 ? "" : $" title=\"{Text(text)}\"";

    /// <summary>A bar of a part of its room, 0 to 1: level with the text beside it, whatever a page's own rules say about cells.</summary>
    public static string Bar(double part, string colour, int width = 140) =>
        $"<div style=\"display:inline-block;vertical-align:middle;width:{width}px;background:rgba(128,128,128,.14);border-radius:3px\">"
        + $"<div style=\"width:{Number(Math.Clamp(part, 0, 1) * 100, "0.#")}%;height:11px;background:{colour};border-radius:3px\"></div></div>";
}
