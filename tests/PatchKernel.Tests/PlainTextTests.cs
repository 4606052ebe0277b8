namespace PatchKernel.Tests;

/// <summary>Whatever a message quotes, printing it does nothing but print.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("\u001b]0;pwned\u0007\u001b[31mred", @"\u001b]0;pwned\u0007\u001b[31mred")]
    [InlineData("a\r\nb\tc\u2028d", "a  b c d")]
    [InlineData("\u009b31m \u007f \0", @"\u009b31m \u007f \u0000")]
    [InlineData("\u202egpj.exe \u2066x\u2069", @"\u202egpj.exe \u2066x\u2069")]
    [InlineData("Ünï – “\U0001F600” …", "Ünï – “\U0001F600” …")]
    public void Control_characters_are_written_out(string text, string shown)
    {
        Assert.Equal($"before {shown} after", new PatchKernelException($"before {text} after").Message);
        Assert.Equal($"before {shown} after", new PatchKernelException($"before {text} after", new IOException()).Message);
    }

    [Fact]
    public void The_middle_of_a_very_long_message_is_left_out()
    {
        var message = new PatchKernelException($"'file' has '{new string('x', 1 << 20)}': take another.").Message;
        Assert.InRange(message.Length, 1000, 2000);
        Assert.StartsWith("'file' has 'xxx", message, StringComparison.Ordinal);
        Assert.EndsWith("xxx': take another.", message, StringComparison.Ordinal);
        Assert.Equal(new string('y', 2000), new PatchKernelException(new string('y', 2000)).Message);
    }

    [Fact]
    public void The_command_s_lines_are_one_line_each_without_control_characters()
    {
        using var error = new StringWriter();
        PatchKernel.Cli.Terminal.Plain(TextWriter.Null, error).Warning("a\u001b[31m\nb\u009b");
        Assert.Equal($"warning: a\\u001b[31m b\\u009b{Environment.NewLine}", error.ToString());
    }
}
