using PatchKernel.Text;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Where a command writes: results to standard output; errors, warnings and progress to standard error.</summary>
internal sealed class Terminal
{
    private const int UsualWidth = 80;

    private readonly TextWriter error;

    private Terminal(IAnsiConsole console, TextWriter error, IAnsiConsole? progress) =>
        (Console, this.error, Progress) = (console, error, progress);

    /// <summary>Standard output, with colours where it has them.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Standard error as a console, where somebody is watching it; else null.</summary>
    public IAnsiConsole? Progress { get; }

    /// <summary>Columns of standard output; null where nothing bounds it, as in a file.</summary>
    public int? Width { get; private init; }

    /// <summary>Whether standard output shows a chart's colours.</summary>
    public bool HasColours => ColourSupport.HasMany(Console);

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess()
    {
        if (OperatingSystem.IsWindows() && !System.Console.IsOutputRedirected) System.Console.OutputEncoding = System.Text.Encoding.UTF8;
        if (!System.Console.IsOutputRedirected) System.Console.SetOut(new LastingWriter(System.Console.Out));
        if (!System.Console.IsErrorRedirected) System.Console.SetError(new LastingWriter(System.Console.Error));
        var colours = Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        var output = Create(System.Console.Out, System.Console.IsOutputRedirected, colours);
        return new(output, System.Console.Error, System.Console.IsErrorRedirected ? null : Create(System.Console.Error, piped: false, colours))
        {
            Width = AskedWidth ?? (System.Console.IsOutputRedirected ? null : WidthOf(output)),
        };
    }

    /// <summary>Two writers, without colours or progress.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error, int? width = null) => new(Create(output, piped: true, colours: false), error, null) { Width = width };

    /// <summary>A console that is there already; errors go to a writer.</summary>
    public static Terminal Of(IAnsiConsole console, TextWriter error) => new(console, error, null) { Width = WidthOf(console) };

    /// <summary>The same with results on standard error too: standard output is left to one file.</summary>
    public Terminal WithoutOutput() => new(Progress ?? Create(error, piped: true, colours: false), error, Progress) { Width = ErrorWidth };

    /// <summary>Writes a result, with its lines; what would steer the terminal is shown and not done.</summary>
    public void Line(string text = "") => Console.Profile.Out.Writer.WriteLine(PlainText.Lines(text));

    /// <summary>Writes a sentence or more, broken at the end of words where it is longer than a line.</summary>
    /// <param name="text">The text, on one line.</param>
    /// <param name="indent">Blanks in front of all lines but the first.</param>
    public void Prose(string text, int indent = 0)
    {
        foreach (var line in WordWrap.Lines(PlainText.Of(text), Width, indent)) Line(line);
    }

    /// <summary>Writes a line with colours.</summary>
    public void Row(Paragraph row)
    {
        Console.Write(row);
        Line();
    }

    /// <summary>Writes a file's content to standard output, as it is.</summary>
    /// <exception cref="PatchKernelException">Standard output takes no more.</exception>
    public void Data(string content)
    {
        try
        {
            Console.Profile.Out.Writer.Write(content);
            Console.Profile.Out.Writer.Flush();
        }
        catch (IOException e)
        {
            throw new PatchKernelException("Standard output takes no more: its disk is full, or whoever read it has gone; send it elsewhere.", e);
        }
    }

    /// <summary>Writes one line that says what failed and what to do.</summary>
    public void Error(string message) => Tell($"error: {OneLine(message)}");

    /// <summary>Writes one line on what the reader should know.</summary>
    public void Warning(string message) => Tell($"warning: {OneLine(message)}");

    /// <summary>Writes one line on what is going on.</summary>
    public void Note(string message) => Tell(OneLine(message));

    /// <summary>Gives the cursor back where a progress bar has hidden it.</summary>
    public void ShowCursor() => Progress?.Cursor.Show(true);

    /// <summary>Writes a stack trace.</summary>
    public void Trace(Exception exception) => error.WriteLine(PlainText.Lines(exception.ToString()));

    /// <summary>A text on one line, without what would steer the terminal.</summary>
    public static string OneLine(string text) =>
        PlainText.Of(string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

    // What wants another width than the window's says so, as in Python's tools and in git.
    private static int? AskedWidth => int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0 ? columns : null;

    private int? ErrorWidth => Progress is { } console ? AskedWidth ?? WidthOf(console) : null;

    private static int WidthOf(IAnsiConsole console) => console.Profile.Width > 0 ? console.Profile.Width : UsualWidth;

    private void Tell(string text)
    {
        foreach (var line in WordWrap.Lines(text, ErrorWidth)) error.WriteLine(line);
    }

    private static IAnsiConsole Create(TextWriter writer, bool piped, bool colours)
    {
        var settings = new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        };
        if (piped) settings.Ansi = AnsiSupport.No;
        if (ColourSupport.IsFew(Environment.GetEnvironmentVariable("TERM"))) settings.ColorSystem = ColorSystemSupport.Standard;
        if (piped || !colours) settings.ColorSystem = ColorSystemSupport.NoColors;
        return AnsiConsole.Create(settings);
    }
}
