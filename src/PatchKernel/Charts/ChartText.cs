using System.Globalization;

namespace PatchKernel.Charts;

/// <summary>Texts of charts.</summary>
internal static class ChartText
{
    /// <summary>A label that leaves room for the data; what it loses is in the hover.</summary>
    public static string Shortened(string label)
    {
        const int longest = 40;
        var elements = new StringInfo(label);
        return elements.LengthInTextElements <= longest ? label : $"{elements.SubstringByTextElements(0, longest - 2)}…\"";
    }

    /// <summary>A line broken where a page would cut it off, into three at most; what is left out then has an ellipsis.</summary>
    public static IEnumerable<string> Lines(string line)
    {
        const int longest = 120, most = 3;
        for (var count = 1; line.Length > longest && line.LastIndexOf(' ', longest) is > 0 and var space; count++)
        {
            yield return count < most ? line[..space] : $"{line[..space]} …";
            if (count == most) yield break;
            line = line[(space + 1)..];
        }
        yield return line;
    }

    /// <summary>A label for an axis, at most four decimals.</summary>
    public static string Tick(double value) => FormattableString.Invariant($"{Math.Round(value, 6) + 0.0:0.####}");
}
