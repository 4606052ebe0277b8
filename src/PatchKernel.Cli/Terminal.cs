using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Where a command writes: results to standard output; errors, warnings and progress to standard error.</summary>
internal sealed class Terminal
{
    // Piped output has no width of its own; tables and grids stay unbroken.
    private const int PipedWidth = 250;

    private readonly TextWriter error;

    private Terminal(IAnsiConsole console, TextWriter error, IAnsiConsole? progress) =>
        (Console, this.error, Progress) = (console, error, progress);

    /// <summary>Standard output, with colours where it has them.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Standard error as a console, where somebody is watching it; else null.</summary>
    public IAnsiConsole? Progress { get; }

    /// <summary>Whether standard output shows colours.</summary>
    public bool HasColours => Console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess()
    {
        if (OperatingSystem.IsWindows() && !System.Console.IsOutputRedirected) System.Console.OutputEncoding = System.Text.Encoding.UTF8;
        var colours = Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        return new(
            Create(System.Console.Out, System.Console.IsOutputRedirected, colours),
            System.Console.Error,
            System.Console.IsErrorRedirected ? null : Create(System.Console.Error, piped: false, colours));
    }

    /// <summary>Two writers, without colours or progress.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new(Create(output, piped: true, colours: false), error, null);

    /// <summary>Writes one line of a result, as it is.</summary>
    public void Line(string text = "") => Console.Profile.Out.Writer.WriteLine(text);

    /// <summary>Writes one line that says what failed and what to do.</summary>
    public void Error(string message) => error.WriteLine($"error: {OneLine(message)}");

    /// <summary>Writes one line on what the reader should know.</summary>
    public void Warning(string message) => error.WriteLine($"warning: {OneLine(message)}");

    /// <summary>Writes one line on what is going on.</summary>
    public void Note(string message) => error.WriteLine(OneLine(message));

    /// <summary>Gives the cursor back where a progress bar has hidden it.</summary>
    public void ShowCursor() => Progress?.Cursor.Show(true);

    /// <summary>Writes a stack trace.</summary>
    public void Trace(Exception exception) => error.WriteLine(exception);

    // Names and answers come from elsewhere: what a terminal would obey is written out.
    private static string OneLine(string text) =>
        string.Concat(string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(c => char.IsControl(c) ? FormattableString.Invariant($"\\u{(int)c:x4}") : c.ToString()));

    private static IAnsiConsole Create(TextWriter writer, bool piped, bool colours)
    {
        var settings = new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        };
        if (piped) settings.Ansi = AnsiSupport.No;
        if (piped || !colours) settings.ColorSystem = ColorSystemSupport.NoColors;
        var console = AnsiConsole.Create(settings);
        if (piped) console.Profile.Width = PipedWidth;
        return console;
    }
}
