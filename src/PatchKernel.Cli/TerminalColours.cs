using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>A chart's colours as a terminal shows them.</summary>
/// <remarks>
/// A terminal of 256 colours has few purples, and the nearest by red, green and blue are grey here and blue there. So these two rows are used, each of one hue and with
/// falling lightness (CIE L* 100, 87, 77, 63, 48, 28, 24 and 100, 88, 78, 63, 49, 43), and a colour becomes that of its own hue with the nearest lightness.
/// </remarks>
internal static class TerminalColours
{
    private static readonly Color[] Purples = [.. new[] { 231, 189, 183, 140, 97, 55, 54 }.Select(Color.FromInt32)];
    private static readonly Color[] Oranges = [.. new[] { 231, 223, 215, 172, 130, 94 }.Select(Color.FromInt32)];
    private static readonly Color Grey = Color.FromInt32(247);

    // Not the first 16, which are as the terminal's user likes them.
    private static readonly Color Black = Color.FromInt32(16), White = Color.FromInt32(231);

    /// <summary>A number's colour in a chart, with a text colour that can be read on it.</summary>
    public static Style Of(IAnsiConsole console, Heatmap chart, double value)
    {
        var colour = chart.Scale.ColourOf(value, chart.Range);
        var back = console.Profile.Capabilities.ColorSystem == ColorSystem.TrueColor ? new Color(colour.R, colour.G, colour.B) : double.IsFinite(value) ? Nearest(colour) : Grey;
        return new Style(Rgb(back).IsDark ? White : Black, back);
    }

    /// <summary>The same for a cell without a number: its text, which stays where the grid is copied, has the cell's colour too.</summary>
    public static Style Swatch(IAnsiConsole console, Heatmap chart, double value)
    {
        if (!ColourSupport.HasMany(console)) return Style.Plain;
        var style = Of(console, chart, value);
        return double.IsFinite(value) ? new Style(style.Background, style.Background) : style;
    }

    /// <summary>The colour of the 256 that stands for another of the charts' purples and oranges.</summary>
    public static Color Nearest(Rgb colour) =>
        (colour.R > colour.B ? Oranges : Purples).MinBy(each => Math.Abs(Lightness(Rgb(each)) - Lightness(colour)));

    private static Rgb Rgb(Color colour) => new(colour.R, colour.G, colour.B);

    // CIE L* but for its factor and offset; the straight part near black doesn't matter here.
    private static double Lightness(Rgb colour) => Math.Cbrt(colour.Luminance);
}
