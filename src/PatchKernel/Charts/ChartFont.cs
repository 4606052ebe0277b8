using System.Text;
using PatchKernel.Text;
using ScottPlot;
using SkiaSharp;

namespace PatchKernel.Charts;

/// <summary>A font that pictures are drawn with. The usual one is embedded here, so that a picture is the same on every machine.</summary>
internal sealed class ChartFont
{
    private const string Embedded = "DejaVu Sans";

    // What a viewer of SVG or a browser may have instead.
    private static readonly string[] Fallbacks = [Embedded, "Verdana", "Segoe UI", "Helvetica", "Arial", "sans-serif"];

    private static readonly Dictionary<string, ChartFont> Known = [];

    static ChartFont() => Fonts.FontResolvers.Insert(0, new Resolver());

    private ChartFont(SKTypeface typeface, string family) => (Typeface, Family) = (typeface, family);

    /// <summary>The usual font.</summary>
    public static ChartFont Usual { get; } = Load();

    /// <summary>The family's name.</summary>
    public string Family { get; }

    /// <summary>Its regular face.</summary>
    public SKTypeface Typeface { get; }

    /// <summary>The family, and what to take where it isn't installed.</summary>
    public IEnumerable<string> Families => Fallbacks.Prepend(Family).Distinct();

    /// <summary>The font of a family; the usual one for null.</summary>
    /// <exception cref="PatchKernelException">The system has no such family.</exception>
    public static ChartFont Of(string? family)
    {
        if (family is null || Same(family, Embedded)) return Usual;
        lock (Known)
        {
            string[] installed = [.. SKFontManager.Default.FontFamilies];
            var name = installed.FirstOrDefault(candidate => Same(candidate, family)) ?? throw Missing(family, installed);
            if (!Known.TryGetValue(name, out var font)) Known[name] = font = new(SKFontManager.Default.MatchFamily(name), name);
            return font;
        }
    }

    /// <summary>The text with every character that the font lacks written by its number.</summary>
    public string Drawable(string text)
    {
        var drawable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            drawable.Append(Typeface.ContainsGlyph(rune.Value) ? rune.ToString() : Escape(rune));
        // XML takes a run of spaces for one.
        return drawable.Replace("  ", "\u00a0 ").ToString();
    }

    /// <summary>The face at a size, in points.</summary>
    public SKFont Sized(float size) => new(Typeface, size) { Subpixel = true, Hinting = SKFontHinting.None };

    /// <summary>Width of a text, in points.</summary>
    public float Measure(string text, float size)
    {
        using var font = Sized(size);
        return font.MeasureText(text);
    }

    /// <summary>Width of the longest of some texts as they are drawn, in whole points.</summary>
    public int Widest(IEnumerable<string> texts, float size) => (int)Math.Ceiling(texts.Select(text => Measure(Drawable(text), size)).DefaultIfEmpty(0).Max());

    private static string Escape(Rune rune) => rune.Value <= 0xffff ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}";

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static PatchKernelException Missing(string family, string[] installed)
    {
        string[] all = [Embedded, .. installed.Where(name => name.Length > 0).Order(StringComparer.Ordinal)];
        var near = NearNames.Of(family, all.Distinct());
        var advice = near.Count > 0 ? $"near names are {string.Join(", ", near)}" : $"no name is near, and there are {Excerpt.List(all.Distinct().ToList(), name => name)}";
        return new($"This system has no font '{PlainText.Of(family)}': {advice}; install it or choose one of these.");
    }

    private static ChartFont Load()
    {
        using var stream = typeof(ChartFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        using var data = SKData.Create(stream);
        return new(SKTypeface.FromData(data), Embedded);
    }

    /// <summary>Answers for the families that charts were drawn with and leaves others to the system.</summary>
    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            weight == FontWeight.Normal && slant == FontSlant.Upright ? Regular(fontName) : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => bold || italic ? null : Regular(fontName);

        private static SKTypeface? Regular(string family)
        {
            if (family == Embedded) return Usual.Typeface;
            lock (Known) return Known.GetValueOrDefault(family)?.Typeface;
        }
    }
}
