using System.Text.RegularExpressions;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Breaks text at the end of words, where a terminal would break it anywhere.</summary>
internal static partial class WordWrap
{
    /// <summary>The lines of one line of text.</summary>
    /// <param name="text">Text without line ends.</param>
    /// <param name="width">The room of a line; null where nothing bounds it.</param>
    /// <param name="indent">Blanks in front of all lines but the first.</param>
    public static IEnumerable<string> Lines(string text, int? width, int indent = 0)
    {
        if (width is not { } room || text.GetCellWidth() <= room) return [text];
        var (lines, line, end) = (new List<string>(), "", 0);
        foreach (var (at, piece) in Pieces(text, room - indent))
        {
            var next = line + text[end..at] + piece;
            if (line.Trim().Length > 0 && next.GetCellWidth() > room)
            {
                lines.Add(line);
                next = piece.GetCellWidth() > room - indent ? piece : new string(' ', indent) + piece;
            }
            (line, end) = (next, at + piece.Length);
        }
        return lines.Append(line);
    }

    /// <summary>The width of the longest piece that isn't broken.</summary>
    public static int Longest(string text) => Word().Matches(text).Select(word => word.Value.GetCellWidth()).DefaultIfEmpty(0).Max();

    // A list without blanks that is longer than a line, of ids say, is broken behind its commas.
    private static IEnumerable<(int At, string Text)> Pieces(string text, int room) =>
        from word in Word().Matches(text)
        from item in (word.Value.GetCellWidth() > room ? Item() : All()).Matches(word.Value)
        select (word.Index + item.Index, item.Value);

    // A token in quotes stays whole, blanks and all.
    [GeneratedRegex("""(?<!\S)\(?"[^"]{0,30}"\S*|\S+""")]
    private static partial Regex Word();

    [GeneratedRegex("[^,]+,?|,")]
    private static partial Regex Item();

    [GeneratedRegex(".+")]
    private static partial Regex All();
}
