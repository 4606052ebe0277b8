using System.Text;

namespace PatchKernel.Cli;

/// <summary>A terminal's writer that outlasts the terminal: once it is closed, what is written goes nowhere, instead of ending the process in the middle of its end.</summary>
internal sealed class LastingWriter(TextWriter terminal) : TextWriter
{
    private bool closed;

    public override Encoding Encoding => terminal.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (closed) return;
        try
        {
            terminal.Write(buffer);
            terminal.Flush();
        }
        catch (IOException)
        {
            closed = true;
        }
    }
}
