using System.Globalization;

namespace PatchKernel.Charts;

/// <summary>Texts of charts.</summary>
internal static class ChartText
{
    /// <summary>Letters of a caption's line at full width.</summary>
    public const int Longest = 120;

    /// <summary>A label that leaves room for the data; what it loses is in the hover.</summary>
    public static string Shortened(string label)
    {
        const int longest = 40;
        var elements = new StringInfo(label);
        return elements.LengthInTextElements <= longest ? label : $"{elements.SubstringByTextElements(0, longest - 2)}…\"";
    }

    /// <summary>A line broken where a page would cut it off, into three of full width at most; what is left out then has an ellipsis.</summary>
    public static IEnumerable<string> Lines(string line, int longest = Longest)
    {
        var most = 3 * Longest / longest;
        for (var count = 1; line.Length > longest && line.LastIndexOf(' ', longest) is > 0 and var space; count++)
        {
            yield return count < most ? line[..space] : $"{line[..space]} …";
            if (count == most) yield break;
            line = line[(space + 1)..];
        }
        yield return line;
    }

    /// <summary>A label cut to its room; what begins with a quote ends with one.</summary>
    /// <param name="label">The label.</param>
    /// <param name="room">The room that it has.</param>
    /// <param name="widthOf">The room that a text needs.</param>
    public static string Fitted(string label, double room, Func<string, double> widthOf)
    {
        var end = label.StartsWith('"') ? "…\"" : "…";
        var elements = new StringInfo(label);
        for (var kept = elements.LengthInTextElements; ; kept--)
        {
            var text = kept == elements.LengthInTextElements ? label : elements.SubstringByTextElements(0, kept) + end;
            if (kept <= 2 || widthOf(text) <= room) return text;
        }
    }

    /// <summary>A label for an axis, at most four decimals; a number that is too small for them has an exponent.</summary>
    public static string Tick(double value) => Math.Abs(Math.Round(value, 4) - value) > Math.Abs(value) / 50
        ? FormattableString.Invariant($"{value:0.##e0}") : FormattableString.Invariant($"{Math.Round(value, 6) + 0.0:0.####}");

    /// <summary>A number with four digits that count, however small it is.</summary>
    public static string Precise(float value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
