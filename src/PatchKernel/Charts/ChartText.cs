using System.Globalization;

namespace PatchKernel;

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

    /// <summary>A label for an axis, at most four decimals.</summary>
    public static string Tick(double value) => FormattableString.Invariant($"{Math.Round(value, 6) + 0.0:0.####}");

    /// <summary>A probability in per cent, one decimal.</summary>
    public static string Percent(float probability) => probability < 0.0005f ? "< 0.1 %" : FormattableString.Invariant($"{probability:P1}");
}
