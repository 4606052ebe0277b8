using System.Text.RegularExpressions;
using PatchKernel.Cli;
using Spectre.Console;

namespace PatchKernel.Tests.Cli;

/// <summary>A grid in terminals of all widths, with many colours, few or none.</summary>
public sealed partial class GridViewTests
{
    private const int Layers = 30, Tokens = 28;

    private static readonly Heatmap Wide = Heatmap.Draw(SampleResults.Large(Layers, Tokens));

    [Theory, InlineData(40), InlineData(60), InlineData(80), InlineData(120)]
    public void Without_colours_a_cell_is_a_shade_where_numbers_have_no_room(int width)
    {
        var grid = Plain(Wide, width);
        Assert.All(grid, line => Assert.True(line.Length <= width, line));
        var rows = grid.Where(line => line.Contains('"', StringComparison.Ordinal)).ToList();
        Assert.All(rows, row => Assert.Matches("^ *[0-9]+ \"[^\"]+\" +[·░▒▓█]+$", row));
        Assert.Equal(0, rows.Count % Tokens);
        var (cell, cells) = (width >= 80 ? 2 : 1, rows.Chunk(Tokens).Sum(block => Shades().Match(block[0]).Length));
        Assert.Equal(cell * Layers, cells);
        Assert.Equal("·· 0.00  ░░ 0.25  ▒▒ 0.50  ▓▓ 0.75  ██ 1.00", string.Join("  ", grid.Where(line => line.Contains("·· ", StringComparison.Ordinal) || line.StartsWith("██ ", StringComparison.Ordinal))));
    }

    [Theory, InlineData(200), InlineData(null)]
    public void Numbers_have_no_legend(int? width)
    {
        var grid = Plain(Wide, width);
        Assert.Matches("^  0 \" Albert\" {5,}(0\\.[0-9]{2} +){29}0\\.[0-9]{2}$", grid[2]);
        Assert.Equal(Tokens + 2, grid.Length);
    }

    [Fact]
    public void Layers_that_no_line_holds_stand_in_blocks_with_their_numbers_above()
    {
        var heads = Plain(Wide, 40).Where(line => line.StartsWith("pos", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..]);
        Assert.Equal([["0", "5", "10", "15"], ["20", "25"]], heads);
    }

    [Fact]
    public void Below_0_a_signed_shade_is_another_than_above()
    {
        float[] scores = [-1, -0.6f, -0.3f, 0, 0.3f, 0.6f, 1, float.NaN];
        var chart = Heatmap.Draw(SampleResults.Small((_, pos) => scores[pos], layers: 20), new() { Scale = ColourScale.Diverging });
        var grid = Plain(chart, 60);
        Assert.Equal("#=-·░▒█?", string.Concat(grid.Skip(2).Take(scores.Length).Select(row => row[^1])));
        Assert.Equal(["## -1.00  == -0.67  -- -0.33  ·· 0.00   ░░ 0.33   ▒▒ 0.67", "██ 1.00", "?? not a number"], grid.Skip(2 + scores.Length));
    }

    [Fact]
    public void Of_numbers_that_fall_towards_the_clean_run_the_low_ones_are_dark()
    {
        var result = SampleResults.Large(Layers, Tokens);
        var ranks = result with { Metrics = [Metric.Rank], Values = new Dictionary<string, float[]> { ["rank"] = [.. result.NormalisedScore.Select(score => 1000 * (1 - score))] } };
        var grid = Plain(Heatmap.Draw(ranks, new() { Raw = true }), 80);
        Assert.StartsWith("██ 0 ", grid.Single(line => line.StartsWith("██", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_longer_than_a_third_of_a_narrow_window_is_shortened_and_says_so()
    {
        var result = SampleResults.Large(8, 4);
        var pair = result.Pair with { Clean = new("", result.Pair.Clean.Ids, [" Donaudampfschifffahrt", " a", " b", " c"]) };
        var chart = Heatmap.Draw(result with { Pair = pair });
        Assert.StartsWith("  0 \" Donaudamp…\" ", Plain(chart, 40)[2], StringComparison.Ordinal);
        Assert.StartsWith("  0 \" Donaudampfschifffahrt\" ", Plain(chart, 80)[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_by_role_have_its_name_and_lose_letters_where_there_is_no_room()
    {
        var chart = Heatmap.Draw(SampleResults.Roles());
        var wide = Plain(chart, 120);
        Assert.StartsWith("role ", wide[1], StringComparison.Ordinal);
        Assert.Equal(["subject.first", "subject.mean", "object.each \" Ġéß\"", "object.each \"\\\"</scrip…\"", "object.all", "1:2+2:1", "last"], wide.Skip(2).Select(row => row[..24].TrimEnd()));
        Assert.Equal(["subject.first", "subject.mean", "object.each…\"", "object.each…\""], Plain(chart, 40).Skip(2).Take(4).Select(row => row[..13].TrimEnd()));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void The_256_colours_fall_in_lightness_with_the_score_and_keep_their_hue(bool isSigned)
    {
        var scale = isSigned ? ColourScale.Diverging : ColourScale.Purples;
        var shown = Enumerable.Range(0, 101).Select(i => TerminalColours.Nearest(scale.ColourOf(i / 100.0, new(isSigned ? -1 : 0, 1)))).ToList();
        Assert.True(shown.Distinct().Count() >= (isSigned ? 6 : 7));
        Assert.Equal(shown.Select(Luminance).OrderDescending(), shown.Select(Luminance));
        Assert.All(shown.Where(colour => colour.R != colour.B), colour => Assert.True(colour is { } c && c.G <= c.R && c.R < c.B, colour.ToHex()));
        if (!isSigned) return;
        var below = Enumerable.Range(0, 101).Select(i => TerminalColours.Nearest(scale.ColourOf(-i / 100.0, new(-1, 1)))).ToList();
        Assert.Equal(below.Select(Luminance).OrderDescending(), below.Select(Luminance));
        Assert.All(below.Where(colour => colour.R != colour.B), colour => Assert.True(colour.R > colour.G && colour.G > colour.B, colour.ToHex()));
        Assert.True(below.Distinct().Count() >= 5);
    }

    [Theory, InlineData(ColorSystemSupport.EightBit, true), InlineData(ColorSystemSupport.TrueColor, true), InlineData(ColorSystemSupport.Standard, false), InlineData(ColorSystemSupport.NoColors, false)]
    public void A_terminal_with_16_colours_gets_shades(ColorSystemSupport colours, bool coloured)
    {
        var grid = Ansi(Wide, 80, colours, AnsiSupport.Yes);
        Assert.Equal(coloured, grid.Contains("\x1b[", StringComparison.Ordinal));
        // Copied, the coloured grid is the plain one.
        Assert.Equal(Plain(Wide, 80), Escapes().Replace(grid, "").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_terminal_that_steers_nothing_gets_no_colours() =>
        Assert.Equal(Plain(Wide, 60), Ansi(Wide, 60, ColorSystemSupport.EightBit, AnsiSupport.No).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("dumb", true), InlineData("linux", true), InlineData("vt220", true), InlineData("xterm-16color", true), InlineData("xterm", false)]
    [InlineData("xterm-256color", false), InlineData("screen", false), InlineData("alacritty", false), InlineData(null, false)]
    public void Terminals_with_few_colours_are_known_by_name(string? term, bool few) => Assert.Equal(few, ColourSupport.IsFew(term));

    private static double Luminance(Color colour) => new Rgb(colour.R, colour.G, colour.B).Luminance;

    private static string[] Plain(Heatmap chart, int? width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        GridView.Draw(Terminal.Plain(output, TextWriter.Null, width), chart);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Ansi(Heatmap chart, int width, ColorSystemSupport colours, AnsiSupport ansi)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = ansi, ColorSystem = colours, Out = new AnsiConsoleOutput(output), Enrichment = new() { UseDefaultEnrichers = false } });
        console.Profile.Width = width;
        GridView.Draw(Terminal.Of(console, TextWriter.Null), chart);
        return output.ToString();
    }

    [GeneratedRegex("[·░▒▓█]+$")]
    private static partial Regex Shades();

    [GeneratedRegex("\x1b\\[[0-9;]*m")]
    private static partial Regex Escapes();
}
