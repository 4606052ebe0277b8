using PatchKernel.Cli;

namespace PatchKernel.Tests.Cli;

/// <summary>Words, token labels and the cells of tables are broken nowhere inside.</summary>
public sealed class WordWrapTests
{
    [Theory]
    [InlineData("a narrow window breaks lines", 12, 0, "a narrow|window|breaks lines")]
    [InlineData("name  first and second", 14, 6, "name  first|      and|      second")]
    [InlineData("best  \" Isaac\" 8.46, \" New York\" 7.32", 20, 6, "best  \" Isaac\" 8.46,|      \" New York\"|      7.32")]
    [InlineData("3 ids 21197,429,42", 13, 2, "3 ids 21197,|  429,42")]
    [InlineData("1,230,464 parameters", 12, 0, "1,230,464|parameters")]
    [InlineData("in    HuggingFaceTB/SmolLM2 it is", 22, 6, "in|HuggingFaceTB/SmolLM2|      it is")]
    [InlineData("a supercalifragilistic word", 8, 0, "a|supercalifragilistic|word")]
    [InlineData("nothing to do", 13, 6, "nothing to do")]
    public void A_long_line_is_broken_at_the_end_of_words(string text, int width, int indent, string expected) =>
        Assert.Equal(expected.Split('|'), WordWrap.Lines(text, width, indent).Select(line => line.TrimEnd()));

    [Fact]
    public void Output_without_a_width_is_never_broken()
    {
        var text = string.Join(' ', Enumerable.Repeat("word", 1000));
        Assert.Equal([text], WordWrap.Lines(text, null));
    }

    [Theory, InlineData(40), InlineData(60), InlineData(80), InlineData(120), InlineData(200)]
    public void Nothing_that_the_commands_print_of_a_pair_is_wider_than_the_terminal_or_loses_a_word(int width)
    {
        foreach (var args in (string[][])[["pairs"], ["check"], ["tokens"], ["predict", "--top", "3"], ["sweep", "--no-html"]])
        {
            var (wide, narrow) = (Run(null, args), Run(width, args));
            if (width > 40 || args[0] is not ("pairs" or "predict")) Assert.All(narrow.Split('\n'), line => Assert.True(line.Length <= width, line)); // their columns' longest words need more
            if (args[0] is "check" or "predict") Assert.Equal(Words(wide), Words(narrow));
            if (args[0] == "pairs") Assert.Equal(Words(wide).Order(), Words(narrow).Order());
        }
    }

    private static string Run(int? width, string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, CommandLine.Run(args, Terminal.Plain(output, TextWriter.Null, width), TestContext.Current.CancellationToken));
        return output.ToString();
    }

    // A list of ids is broken behind its commas.
    private static string[] Words(string text) => text.Split([' ', '\n', ','], StringSplitOptions.RemoveEmptyEntries);
}
