extern alias runner;

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The page that a run writes, and the .ipynb beside it.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed partial class PageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Charts_share_one_library_and_each_has_its_own_data()
    {
        var html = Run(Notebook.Setup, Notebook.Load, Notebook.Sweep, "Heatmap.Draw(Sweep.Run(model, pair, new SweepOptions { Metric = Metric.LogitDiff }))");
        Assert.Single(Library().Matches(html));
        Assert.Equal(2, Figures(html).Count);
        Assert.All(Figures(html), figure => Assert.Equal("heatmap", (string?)figure["data"]![0]!["type"]));
        Assert.NotEqual(Figures(html)[0].ToJsonString(), Figures(html)[1].ToJsonString());
    }

    [Fact]
    public void The_stored_notebook_has_the_charts_data_without_the_library()
    {
        var html = Run(Notebook.Setup, Notebook.Load, Notebook.Sweep);
        var file = new FileInfo(folder.File("a.ipynb"));
        Assert.True(file.Length < 1_000_000, $"{file.Length} bytes");
        var output = JsonNode.Parse(File.ReadAllText(file.FullName))!["cells"]![2]!["outputs"]![0]!["data"]!["text/html"]!.AsArray();
        var stored = Figures(string.Concat(output.Select(line => (string?)line)));
        Assert.Equal(Figures(html)[0].ToJsonString(), Assert.Single(stored).ToJsonString());
    }

    [Fact]
    public void A_page_asks_for_nothing()
    {
        File.WriteAllBytes(folder.File("dot.png"), [1, 2, 3]);
        var html = Write("#!markdown\n\n# A & B\n\n![dot](dot.png) <img src=\"dot.png\"> ![far](https://example.org/a.png)\n\n#!csharp\n\n1\n");
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.Contains("<title>A &amp; B</title>", html, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(html, "<img src=\"data:image/png;base64,AQID\""));
        Assert.DoesNotMatch("""<(img|script|iframe|link)[^>]*(src|href)="(?!data:)""", html);
    }

    [Fact]
    public void Links_lead_from_a_page_to_pages_and_to_what_is_there()
    {
        const string Text = "[b](b.dib#part) [c](c.dib) [near](near%20file.md) [gone](gone.md) [far](https://example.org/x.dib) [here](#here) <a class=\"x\" href=\"gone.dib\">raw</a>";
        File.WriteAllText(folder.File("a.dib"), $"#!markdown\n\n{Text}\n");
        foreach (var name in (string[])["b.dib", "c.dib"]) File.WriteAllText(folder.File(name), "#!markdown\n\n[a](a.ipynb)\n");
        File.WriteAllText(folder.File("near file.md"), "");
        Notebook.Run("run", folder.File("a.dib"), folder.File("b.dib"), "--out", folder.File("out")).Success();
        var html = File.ReadAllText(folder.File("out/a.html"));
        Assert.Equal(["b.html#part", "../c.dib", "../near%20file.md", "https://example.org/x.dib", "#here"], Link().Matches(html).Select(link => link.Groups[1].Value));
        Assert.Contains("</a> gone <a ", html, StringComparison.Ordinal);
        Assert.Contains("</a> raw</p>", html, StringComparison.Ordinal);
        Assert.Equal("a.html", Link().Match(File.ReadAllText(folder.File("out/b.html"))).Groups[1].Value);
        Assert.Contains("[b](b.ipynb#part) [c](../c.dib) [near](../near%20file.md) [gone](gone.md) ", File.ReadAllText(folder.File("out/a.ipynb")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_watched_page_which_is_no_file_has_no_links_to_files() => Assert.Equal(
        "<section class=\"text\">\n<p>b <a href=\"https://example.org\">far</a></p>\n</section>",
        CellHtml.Of(new("[b](b.dib) [far](https://example.org)", NotebookFile.Markdown), "", folder.Path));

    [Fact]
    public void Code_is_coloured_and_nothing_in_it_is_taken_for_html()
    {
        var html = Write("#!csharp\n\nvar x = \"<b>&\"; // <i>\n");
        Assert.Contains("<span class=\"k\">var</span> x = <span class=\"s\">&quot;&lt;b&gt;&amp;&quot;</span>; <span class=\"c\">// &lt;i&gt;</span>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Printed_text_and_errors_are_taken_for_text()
    {
        var path = Notebook.Write(folder, "a.dib", "Console.Write(\"<script>1</script>\");\nConsole.Error.Write(\"<b>\");\nthrow new Exception(\"<i>\");");
        Assert.Equal(1, Notebook.Run("run", path, "--out", folder.Path).ExitCode);
        var html = File.ReadAllText(folder.File("a.html"));
        Assert.Contains("<pre class=\"plain\">&lt;script&gt;1&lt;/script&gt;</pre>", html, StringComparison.Ordinal);
        Assert.Contains("<pre class=\"warning\">&lt;b&gt;</pre>", html, StringComparison.Ordinal);
        Assert.Contains("<pre class=\"error\">Exception: &lt;i&gt;</pre>", html, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string Run(params string[] cells) => RunFile(Notebook.Write(folder, "a.dib", cells));

    private string Write(string dib)
    {
        File.WriteAllText(folder.File("a.dib"), dib);
        return RunFile(folder.File("a.dib"));
    }

    private string RunFile(string path)
    {
        Notebook.Run("run", path, "--out", folder.Path).Success();
        return File.ReadAllText(folder.File("a.html"));
    }

    private static List<JsonNode> Figures(string html) => [.. Figure().Matches(html).Select(figure => JsonNode.Parse(figure.Groups[1].Value)!)];

    [GeneratedRegex("<a [^>]*href=\"([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex(@"\* plotly\.js v")]
    private static partial Regex Library();

    [GeneratedRegex(@"var figure=(\{.*?\});(?:Plotly\.newPlot|function draw)")]
    private static partial Regex Figure();
}
