using PatchKernel.Cli;
using Spectre.Console;

namespace PatchKernel.Tests.Cli;

/// <summary>A terminal that is closed while something still writes to it.</summary>
public sealed class LastingWriterTests
{
    [Fact]
    public void What_is_written_arrives_until_the_terminal_is_closed_and_then_goes_nowhere()
    {
        using var terminal = new ClosingWriter();
        using var writer = new LastingWriter(terminal);
        writer.Write('a');
        writer.Write("bc");
        writer.Write(['d', 'e', 'f'], 1, 2);
        writer.WriteLine("g");
        var before = terminal.ToString();
        Assert.Equal($"abcefg{Environment.NewLine}", before);
        terminal.IsClosed = true;
        writer.Write("more");
        writer.WriteLine();
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) }).MarkupLine("[red]more[/]");
        terminal.IsClosed = false;
        writer.Write("still nothing");
        Assert.Equal(before, terminal.ToString());
    }

    private sealed class ClosingWriter : StringWriter
    {
        public bool IsClosed { get; set; }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (IsClosed) throw new IOException("Input/output error");
            base.Write(buffer);
        }
    }
}
