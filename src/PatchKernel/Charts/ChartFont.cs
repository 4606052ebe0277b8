using System.Text;
using ScottPlot;
using SkiaSharp;

namespace PatchKernel.Charts;

/// <summary>The font that pictures are drawn with, embedded here: a picture is the same on every machine.</summary>
internal static class ChartFont
{
    /// <summary>The family's name.</summary>
    public const string Family = "DejaVu Sans";

    /// <summary>The same with what a viewer of SVG may have instead.</summary>
    public const string FamilyWithFallbacks = "DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif";

    /// <summary>Its regular face.</summary>
    public static SKTypeface Typeface { get; } = Load();

    static ChartFont() => Fonts.FontResolvers.Insert(0, new Resolver());

    /// <summary>The text with every character that the font lacks written by its number.</summary>
    public static string Drawable(string text)
    {
        var drawable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            drawable.Append(Typeface.ContainsGlyph(rune.Value) ? rune.ToString() : Escape(rune));
        // XML takes a run of spaces for one.
        return drawable.Replace("  ", "\u00a0 ").ToString();
    }

    private static string Escape(Rune rune) => rune.Value <= 0xffff ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}";

    /// <summary>The face at a size, in points.</summary>
    public static SKFont Sized(float size) => new(Typeface, size) { Subpixel = true, Hinting = SKFontHinting.None };

    /// <summary>Width of a text, in points.</summary>
    public static float Measure(string text, float size)
    {
        using var font = Sized(size);
        return font.MeasureText(text);
    }

    private static SKTypeface Load()
    {
        using var stream = typeof(ChartFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }

    /// <summary>Answers for this one family and leaves others to the system.</summary>
    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Family && weight == FontWeight.Normal && slant == FontSlant.Upright ? Typeface : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Family && !bold && !italic ? Typeface : null;
    }
}
