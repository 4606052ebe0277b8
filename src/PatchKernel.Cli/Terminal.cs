using PatchKernel.Text;
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
        if (!System.Console.IsOutputRedirected) System.Console.SetOut(new LastingWriter(System.Console.Out));
        if (!System.Console.IsErrorRedirected) System.Console.SetError(new LastingWriter(System.Console.Error));
        var colours = Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        return new(
            Create(System.Console.Out, System.Console.IsOutputRedirected, colours),
            System.Console.Error,
            System.Console.IsErrorRedirected ? null : Create(System.Console.Error, piped: false, colours));
    }

    /// <summary>Two writers, without colours or progress.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new(Create(output, piped: true, colours: false), error, null);

    /// <summary>The same with results on standard error too: standard output is left to one file.</summary>
    public Terminal WithoutOutput() => new(Progress ?? Create(error, piped: true, colours: false), error, Progress);

    /// <summary>Writes a result, with its lines; what would steer the terminal is shown and not done.</summary>
    public void Line(string text = "") => Console.Profile.Out.Writer.WriteLine(PlainText.Lines(text));

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
    public void Error(string message) => error.WriteLine($"error: {OneLine(message)}");

    /// <summary>Writes one line on what the reader should know.</summary>
    public void Warning(string message) => error.WriteLine($"warning: {OneLine(message)}");

    /// <summary>Writes one line on what is going on.</summary>
    public void Note(string message) => error.WriteLine(OneLine(message));

    /// <summary>Gives the cursor back where a progress bar has hidden it.</summary>
    public void ShowCursor() => Progress?.Cursor.Show(true);

    /// <summary>Writes a stack trace.</summary>
    public void Trace(Exception exception) => error.WriteLine(PlainText.Lines(exception.ToString()));

    /// <summary>A text on one line, without what would steer the terminal.</summary>
    public static string OneLine(string text) =>
        PlainText.Of(string.Join(' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

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
