using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Python's <c>"{} {name}".format(…)</c>, its places by number or name; what may stand behind a place isn't supported.</summary>
internal static class BraceFormat
{
    /// <summary>A text with its places filled.</summary>
    /// <exception cref="TemplateError">An argument is missing, or a place has more than a number or a name.</exception>
    public static string Format(string format, Arguments arguments, Rendering rendering)
    {
        var (text, next) = (new StringBuilder(), 0);
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is not ('{' or '}')) text.Append(c);
            else if (i + 1 < format.Length && format[i + 1] == c) text.Append(format[i++]);
            else if (c == '}') throw TemplateError.Failed("Single '}' encountered in format string");
            else
            {
                var end = format.IndexOf('}', i);
                if (end < 0) throw TemplateError.Failed("expected '}' before end of string");
                text.Append(rendering.Taken(Printing.Str(Find(format[(i + 1)..end], arguments, ref next), rendering)));
                i = end;
            }
        }
        return text.ToString();
    }

    private static object? Find(string place, Arguments arguments, ref int next)
    {
        if (place.Any(c => !char.IsLetterOrDigit(c) && c != '_')) throw TemplateError.Unsupported($"the format {{{place}}}");
        if (place.Length > 0 && !char.IsAsciiDigit(place[0]))
            return arguments.Names.FirstOrDefault(entry => entry.Name == place) is { Name: not null } named ? named.Value : throw TemplateError.Failed(Printing.Repr(place));
        var index = place.Length == 0 ? next++ : int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        return index < arguments.Places.Count
            ? arguments.Places[index]
            : throw TemplateError.Failed("tuple index out of range");
    }
}
