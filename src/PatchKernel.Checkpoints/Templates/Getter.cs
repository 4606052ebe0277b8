using System.Globalization;

namespace PatchKernel.Templates;

/// <summary>What filters call an attribute: <c>"a.b.0"</c>.</summary>
internal static class Getter
{
    /// <summary>What gets an attribute.</summary>
    /// <param name="attribute">Its path; null for the value itself.</param>
    /// <param name="rendering">Counts.</param>
    /// <param name="absent">What stands for an attribute that isn't there; null for nothing.</param>
    /// <param name="ignoresCase">Whether texts are made small.</param>
    public static Func<object?, object?> Of(object? attribute, Rendering rendering, object? absent = null, bool ignoresCase = false)
    {
        var path = attribute switch
        {
            null => [],
            string text => text.Split('.').Select(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit) ? long.Parse(part, CultureInfo.InvariantCulture) : (object?)part).ToList(),
            _ => [attribute],
        };
        return item =>
        {
            foreach (var part in path)
            {
                rendering.Step();
                item = Access.Item(item, part, rendering);
                if (absent is not null && item is Undefined) item = absent;
            }
            return ignoresCase && item is string text ? rendering.Taken(PythonText.Lower(text)) : item;
        };
    }
}
