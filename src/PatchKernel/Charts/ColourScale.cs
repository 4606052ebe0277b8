namespace PatchKernel;

/// <summary>A colour in sRGB.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>The colour as <c>#rrggbb</c>.</summary>
    public string Hex => $"#{R:x2}{G:x2}{B:x2}";

    /// <summary>Whether light text reads better on it than dark text (WCAG 2 relative luminance).</summary>
    public bool IsDark => Luminance < 0.179;

    internal double Luminance => 0.2126 * Linear(R) + 0.7152 * Linear(G) + 0.0722 * Linear(B);

    internal static Rgb Parse(string hex) => new(
        Convert.ToByte(hex[1..3], 16), Convert.ToByte(hex[3..5], 16), Convert.ToByte(hex[5..7], 16));

    private static double Linear(byte channel)
    {
        var c = channel / 255.0;
        return c <= 0.03928 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }
}

/// <summary>The values at the two ends of a colour scale; what lies outside is drawn in the end's colour.</summary>
/// <param name="Low">Value of the first colour.</param>
/// <param name="High">Value of the last colour.</param>
public readonly record struct ColourRange(double Low, double High)
{
    /// <summary>Half a hundredth: numbers that differ by less are the same to two decimals, and to the eye.</summary>
    internal const double Rounding = 0.005;

    /// <summary>Clips nothing.</summary>
    internal static ColourRange All { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether a finite value lies outside by more than 0.005, so that its colour says less than it is.</summary>
    public bool Clips(double value) => IsBeyond(value, Rounding);

    /// <summary>Whether a finite value lies outside by more than rounding.</summary>
    internal bool IsBeyond(double value, double rounding) => double.IsFinite(value) && (value < Low - rounding || value > High + rounding);
}

/// <summary>A row of colours for numbers: browser charts, pictures and the terminal all take theirs from here.</summary>
public sealed class ColourScale
{
    /// <summary>The tutorial's scale: white is the corrupt run's 0, dark purple the clean run's 1.</summary>
    /// <remarks>ColorBrewer's Purples, 9 classes (Brewer 2003), as matplotlib has it.</remarks>
    public static ColourScale Purples { get; } = new("Purples", isDiverging: false,
        "#fcfbfd", "#efedf5", "#dadaeb", "#bcbddc", "#9e9ac8", "#807dba", "#6a51a3", "#54278f", "#3f007d");

    /// <summary>Symmetric about zero: orange below, purple above, told apart by colour-blind readers too.</summary>
    /// <remarks>ColorBrewer's PuOr, 11 classes (Brewer 2003), from orange to purple.</remarks>
    public static ColourScale Diverging { get; } = new("Diverging", isDiverging: true,
        "#7f3b08", "#b35806", "#e08214", "#fdb863", "#fee0b6", "#f7f7f7", "#d8daeb", "#b2abd2", "#8073ac", "#542788", "#2d004b");

    private ColourScale(string name, bool isDiverging, params string[] stops)
    {
        Name = name;
        IsDiverging = isDiverging;
        Stops = [.. stops.Select(Rgb.Parse)];
    }

    /// <summary>The scale's name.</summary>
    public string Name { get; }

    /// <summary>Whether the middle colour stands for zero.</summary>
    public bool IsDiverging { get; }

    /// <summary>Its colours at equal distances, lowest value first; between two of them colours are interpolated.</summary>
    public IReadOnlyList<Rgb> Stops { get; }

    /// <summary>The same colours the other way round, for numbers of which a lower one is more like the clean run.</summary>
    internal ColourScale Reversed => new(Name, IsDiverging, [.. Stops.Reverse().Select(colour => colour.Hex)]);

    /// <summary>What the ends stand for: 0 and 1, or, diverging, the largest absolute value (rounded up to a tenth) on both sides.</summary>
    public ColourRange RangeOf(IEnumerable<float> values)
    {
        if (!IsDiverging) return new(0, 1);
        var largest = values.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        // The subtraction keeps 0.3f, which is a hair above 0.3, from being rounded up to 0.4.
        var limit = Math.Max(0.1, Math.Ceiling(largest * 10.0 - 1e-5) / 10);
        return new(-limit, limit);
    }

    /// <summary>The colour of a value; the end's colour where the range clips it, mid grey where it is not a number.</summary>
    public Rgb ColourOf(double value, ColourRange range) =>
        !double.IsFinite(value) ? NotANumber : At((value - range.Low) / (range.High - range.Low));

    /// <summary>The colour at a part of the way from the first (0) to the last (1).</summary>
    internal Rgb At(double fraction)
    {
        var at = Math.Clamp(fraction, 0, 1) * (Stops.Count - 1);
        var i = Math.Min((int)at, Stops.Count - 2);
        var (from, to, t) = (Stops[i], Stops[i + 1], at - i);
        return new(Mix(from.R, to.R, t), Mix(from.G, to.G, t), Mix(from.B, to.B, t));
    }

    internal static Rgb NotANumber { get; } = new(0x99, 0x99, 0x99);

    private static byte Mix(byte from, byte to, double t) => (byte)Math.Round(from + (to - from) * t);
}
