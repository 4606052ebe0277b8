using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PatchKernel.Tests.Docs;

/// <summary>The diagram of the residual stream shows offline, light and dark, and is told to who can't see it.</summary>
public sealed partial class DiagramTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly XElement diagram = XDocument.Load(TestData.InRepository("docs", "residual-stream.svg")).Root!;

    [Fact]
    public void Every_colour_is_there_for_light_and_for_dark_pages()
    {
        var style = diagram.Element(Svg + "style")!.Value;
        var dark = style.IndexOf("@media (prefers-color-scheme:dark)", StringComparison.Ordinal);
        var light = Names(Defined().Matches(style[..dark]));
        Assert.NotEmpty(light);
        Assert.Equal(light, Names(Defined().Matches(style[dark..])));
        Assert.Equal(light, Names(Used().Matches(diagram.ToString())));
    }

    [Fact]
    public void It_asks_for_nothing_from_elsewhere_and_has_a_title_and_a_description()
    {
        Assert.DoesNotContain(diagram.DescendantsAndSelf(), element => element.Name.LocalName is "image" or "script" or "use" or "a");
        Assert.DoesNotContain("url(", diagram.ToString(), StringComparison.Ordinal);
        Assert.True(diagram.Element(Svg + "title")!.Value.Length > 10 && diagram.Element(Svg + "desc")!.Value.Length > 100);
        Assert.True(new FileInfo(TestData.InRepository("docs", "residual-stream.svg")).Length < 10_000);
    }

    private static IEnumerable<string> Names(MatchCollection matches) => matches.Select(match => match.Groups[1].Value).Distinct().Order();

    [GeneratedRegex("(--[a-z]+):")]
    private static partial Regex Defined();

    [GeneratedRegex(@"var\((--[a-z]+)\)")]
    private static partial Regex Used();
}
