namespace PatchKernel.Charts;

/// <summary>What a chart says, whichever library draws it.</summary>
/// <param name="Options">How it looks; null for the defaults.</param>
/// <param name="Named">Its title where the options have none.</param>
/// <param name="Caption">The lines under the title, without which the data can't be read.</param>
/// <param name="Panels">What is drawn, side by side.</param>
internal sealed record ChartContent(ChartOptions? Options, string Named, IReadOnlyList<string> Caption, params IReadOnlyList<Panel> Panels)
{
    /// <summary>Its title.</summary>
    public string Title => Options?.Title ?? Named;

    /// <summary>The colours around the data, or null for those of the page.</summary>
    public Theme? Theme { get; init; } = Options?.Theme;

    /// <summary>The colours where there is no page.</summary>
    public Theme PictureTheme => Theme ?? Theme.Light;

    /// <summary>Its letters.</summary>
    public ChartFont Font { get; } = ChartFont.Of(Options?.Font);

    /// <summary>The widest page that it makes use of, in pixels: curves between many boxes need room.</summary>
    public int PageWidth => Panels.Any(panel => panel is GraphPanel) ? 1600 : 1000;

    /// <summary>The caption as it is drawn: long lines, such as prompts, broken into several.</summary>
    public IReadOnlyList<string> CaptionLines => [.. Caption.SelectMany(line => ChartText.Lines(line))];
}

/// <summary>One of a chart's drawings.</summary>
internal abstract record Panel
{
    /// <summary>What tells it from the others; null where it stands alone.</summary>
    public string? Heading { get; init; }

    /// <summary>What its vertical axis shows.</summary>
    public abstract string RowTitle { get; }

    /// <summary>What its vertical axis may say.</summary>
    public abstract IReadOnlyList<string> RowLabels { get; }

    /// <summary>Its two axes, for data of this size.</summary>
    public abstract (DrawnAxis X, DrawnAxis Y) Axes(double width, double height);
}

/// <summary>Numbers as colours.</summary>
/// <param name="Columns">From left to right.</param>
/// <param name="Rows">From top to bottom.</param>
/// <param name="Value">The number at a row and a column; not a number where there is none.</param>
/// <param name="Colours">What the colours mean.</param>
/// <param name="Hover">What a hover says.</param>
internal sealed record GridPanel(CategoryAxis Columns, CategoryAxis Rows, Func<int, int, float> Value, ColourKey Colours, Hover Hover) : Panel
{
    private const int SmallestWithEdges = 9;

    public override string RowTitle => Rows.Title;

    public override IReadOnlyList<string> RowLabels => Rows.Labels;

    public override (DrawnAxis X, DrawnAxis Y) Axes(double width, double height) => (Columns.Across(width), Rows.Down(height));

    /// <summary>Whether cells have edges, on data of this size: many small cells would be edges alone.</summary>
    public bool HasEdges(double width, double height) => width / Columns.Count >= SmallestWithEdges && height / Rows.Count >= SmallestWithEdges;
}

/// <summary>What colours mean.</summary>
/// <param name="Title">The quantity.</param>
/// <param name="Scale">The colours.</param>
/// <param name="Range">The numbers at their two ends.</param>
internal sealed record ColourKey(string Title, ColourScale Scale, ColourRange Range)
{
    /// <summary>Values that a picture marks.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, Steps + 1).Select(i => Range.Low + (Range.High - Range.Low) * i / Steps);

    private int Steps => Scale.IsDiverging ? 4 : 5;
}

/// <summary>What hovering over a cell says.</summary>
/// <param name="Template">Plotly's template over <c>x</c>, <c>z</c> and <c>customdata</c>.</param>
/// <param name="Data">A cell's <c>customdata</c>, by row and column: texts and numbers.</param>
internal sealed record Hover(string Template, Func<int, int, object[]> Data);

/// <summary>Curves over things in a row.</summary>
/// <param name="Columns">From left to right.</param>
/// <param name="Values">The vertical axis.</param>
/// <param name="Curves">The curves; those of panels side by side have the same names, which stand there once.</param>
internal sealed record CurvePanel(CategoryAxis Columns, DrawnAxis Values, IReadOnlyList<Curve> Curves) : Panel
{
    /// <summary>Values that curves are compared with, as lines over the whole width.</summary>
    public IReadOnlyList<Level> Levels { get; init; } = [];

    /// <summary>What the legend has.</summary>
    public IEnumerable<string> Names => [.. Curves.Select(curve => curve.Name), .. Levels.Select(level => level.Name)];

    public override string RowTitle => Values.Title;

    public override IReadOnlyList<string> RowLabels => [.. Values.Ticks.Select(tick => tick.Label)];

    public override (DrawnAxis X, DrawnAxis Y) Axes(double width, double height) => (Columns.Across(width), Values);
}

/// <summary>A curve, and the interval around it where there is one.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Series">Which of the theme's colours it has, and which shape of point: shapes tell curves apart where colours don't.</param>
/// <param name="Values">One a column.</param>
/// <param name="Lower">The interval's lower end, or null.</param>
/// <param name="Upper">The interval's upper end, or null.</param>
internal sealed record Curve(
    string Name, int Series, IReadOnlyList<float> Values, IReadOnlyList<float>? Lower = null, IReadOnlyList<float>? Upper = null)
{
    /// <summary>Whether others are compared with it: its line is broken, and its interval is in the hover alone.</summary>
    public bool IsControl { get; init; }

    /// <summary>Whether its interval is drawn.</summary>
    public bool HasBand => Lower is not null && Upper is not null && !IsControl;

    /// <summary>Which shape its points have; by default that of its colour.</summary>
    public int Shape { get; init; } = Series;
}

/// <summary>A value that curves are compared with.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Value">The value.</param>
/// <param name="IsDashed">Whether its line is broken, which tells it from another one.</param>
internal sealed record Level(string Name, double Value, bool IsDashed);

/// <summary>Bars from left to right, the first on top.</summary>
/// <param name="Rows">From top to bottom.</param>
/// <param name="Title">What their lengths are; the longest possible one is 1.</param>
/// <param name="Lengths">One a row.</param>
/// <param name="Notes">What is written at each bar's end.</param>
/// <param name="ShortNotes">The same where there is little room.</param>
/// <param name="Series">Which of the theme's colours they have.</param>
internal sealed record BarPanel(CategoryAxis Rows, string Title, IReadOnlyList<float> Lengths, IReadOnlyList<string> Notes, IReadOnlyList<string> ShortNotes, int Series) : Panel
{
    private const double Longest = 1;

    public override string RowTitle => Rows.Title;

    public override IReadOnlyList<string> RowLabels => Rows.Labels;

    // Notes stand right of the bars, the longest too.
    public override (DrawnAxis X, DrawnAxis Y) Axes(double width, double height)
    {
        var end = Math.Max(0.05, Scale) * width / Math.Max(width - RoomOf(NotesIn(width)), width / 4);
        return (DrawnAxis.OfNumbers(Title, new(0, end), Longest, width), Rows.Down(height));
    }

    /// <summary>The notes that have room beside bars.</summary>
    public IReadOnlyList<string> NotesIn(double width) => RoomOf(Notes) < width * 0.6 ? Notes : ShortNotes;

    /// <summary>The longest bar, of this panel or of those beside it.</summary>
    public float Scale { get; init; } = Lengths.Max();

    private static double RoomOf(IReadOnlyList<string> notes) => ChartFont.Usual.Widest(notes, 12) + 16;
}
