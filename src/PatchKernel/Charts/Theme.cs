namespace PatchKernel;

/// <summary>The colours around a chart's data; a cell's colour means the same number in every theme.</summary>
public sealed class Theme
{
    /// <summary>Dark on white, as on paper; the default of files.</summary>
    public static Theme Light { get; } = new("light", "#ffffff", "#222222", "#555555", "#e4e4e4");

    /// <summary>Light on dark grey, for dark editors and slides.</summary>
    public static Theme Dark { get; } = new("dark", "#1f1f1f", "#e8e8e8", "#b4b4b4", "#3c3c3c");

    /// <summary>Curves and bars on any page: the clean run's purple, the corrupt run's orange, then others.</summary>
    /// <remarks>From ColorBrewer's Dark2 (Brewer 2003), told apart by colour-blind readers too; the grey is lighter, for dark pages.</remarks>
    internal static IReadOnlyList<Rgb> Series { get; } = [.. new[] { "#7570b3", "#d95f02", "#1b9e77", "#808080" }.Select(Rgb.Parse)];

    /// <summary>The place of the grey among the series, which controls have.</summary>
    internal const int ControlSeries = 3;

    /// <summary>The same and more of them, where many curves are in one chart.</summary>
    internal static IReadOnlyList<Rgb> AllSeries { get; } = [.. Series, .. new[] { "#e7298a", "#a6761d", "#1f78b4" }.Select(Rgb.Parse)];

    private Theme(string name, string paper, string ink, string muted, string lines)
    {
        Name = name;
        (Paper, Ink, Muted, Lines) = (Rgb.Parse(paper), Rgb.Parse(ink), Rgb.Parse(muted), Rgb.Parse(lines));
    }

    /// <summary>The theme's name.</summary>
    public string Name { get; }

    /// <summary>Behind everything.</summary>
    public Rgb Paper { get; }

    /// <summary>Titles, labels and frames.</summary>
    public Rgb Ink { get; }

    /// <summary>The lines under the title.</summary>
    public Rgb Muted { get; }

    /// <summary>The lines behind curves and bars.</summary>
    internal Rgb Lines { get; }
}
