using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Python's strftime, in English.</summary>
internal static class PythonTime
{
    /// <summary>A time in a format's words.</summary>
    /// <exception cref="TemplateError">The format has a sign that isn't supported.</exception>
    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            var isShort = format[i + 1] == '-' && i + 2 < format.Length; // glibc's way to leave the zero out
            i += isShort ? 2 : 1;
            var part = Part(time, format[i]);
            text.Append(isShort && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }
        return text.ToString();
    }

    private static string Part(DateTimeOffset time, char sign)
    {
        string In(string format) => time.ToString(format, CultureInfo.InvariantCulture);
        return sign switch
        {
            'Y' => In("yyyy"),
            'y' => In("yy"),
            'm' => In("MM"),
            'B' => In("MMMM"),
            'b' or 'h' => In("MMM"),
            'd' => In("dd"),
            'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'A' => In("dddd"),
            'a' => In("ddd"),
            'H' => In("HH"),
            'I' => In("hh"),
            'M' => In("mm"),
            'S' => In("ss"),
            'p' => In("tt"),
            'f' => In("ffffff"),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
            'F' => In("yyyy-MM-dd"),
            'T' => In("HH:mm:ss"),
            'R' => In("HH:mm"),
            'D' or 'x' => In("MM'/'dd'/'yy"),
            'X' => In("HH:mm:ss"),
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            'z' or 'Z' => "", // transformers' time has no zone
            _ => throw TemplateError.Unsupported($"the sign %{sign} of a time"),
        };
    }
}
