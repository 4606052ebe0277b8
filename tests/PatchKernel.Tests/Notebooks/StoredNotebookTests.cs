extern alias runner;

using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks with outputs that lie in the repository: what their sources say, and what a run gives today.</summary>
public sealed partial class StoredNotebookTests(ShippedRuns runs)
{
    private const string Command = "dotnet run -c Release --project src/PatchKernel.Cli -- notebook run notebooks/*.dib --out notebooks";

    // Other threads, other sums: float32 by 1e-6 on this model. Matrices in bfloat16 are rounded by each processor's own kernels.
    private const double Tolerance = 1e-4;
    private const double Bfloat16Tolerance = 0.02;

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public void A_stored_notebook_has_the_cells_of_its_source(string name) =>
        Assert.Equal(File.ReadAllText(TestData.InRepository("notebooks", name)), NotebookFile.Text(NotebookFile.Load(Stored(name)), TestData.InRepository("notebooks", name)));

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task A_fresh_run_gives_the_stored_outputs(string name)
    {
        var (stored, fresh) = (Cells(Stored(name)), Cells(await runs.OfAsync(name, ".ipynb")));
        Assert.Equal(stored.Count, fresh.Count);
        for (var cell = 0; cell < stored.Count; cell++)
        {
            var (before, now) = (Outputs(stored[cell]), Outputs(fresh[cell]));
            Assert.Equal(before.Select(output => (output.Kind, output.Type)), now.Select(output => (output.Kind, output.Type)));
            foreach (var (expected, actual) in before.Zip(now)) Same(expected.Text, actual.Text, $"{name}, cell {cell + 1} (if meant: {Command})");
        }
    }

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public void Every_stored_chart_begins_with_its_picture_and_brings_no_library(string name)
    {
        var charts = Cells(Stored(name)).SelectMany(Outputs).Select(output => output.Text).Where(text => ChartHtml.FiguresIn(text).Count > 0).ToList();
        Assert.NotEmpty(charts);
        charts.RemoveAll(chart => chart.Contains("Run the notebook to see this chart.", StringComparison.Ordinal)); // a reader's own, of Plotly.NET
        Assert.All(charts, chart => Assert.Matches("^<div id=\"[^\"]+\" data-patchkernel=\"chart\"[^>]*>\\s*<img [^>]*src=\"data:image/png;base64,", chart));
        var text = File.ReadAllText(Stored(name));
        Assert.DoesNotContain("plotly.js v", text, StringComparison.Ordinal);
        Assert.True(text.Length < 2_000_000, $"{text.Length} characters");
    }

    [Theory]
    [InlineData("a 0.1234", "a 0.1235", true)]
    [InlineData("a 0.1234", "a 0.1237", false)]
    [InlineData("a 0.12", "a 0.13", true)]
    [InlineData("a 0.12", "a 0.14", false)]
    [InlineData("28 tokens", "29 tokens", false)]
    [InlineData("224 cells in 0.1 s", "224 cells in 12 s", true)]
    [InlineData("PatchKernel 0.1.0 on .NET 10.0.12, 2 processors", "PatchKernel 0.2.0 on .NET 10.1, 16 processors", true)]
    [InlineData("a", "b", false)]
    public void Texts_are_the_same_but_for_times_versions_and_rounding(string before, string now, bool same)
    {
        var failure = Record.Exception(() => Same(before, now, "text"));
        Assert.Equal(same, failure is null);
    }

    private static string Stored(string name)
    {
        var path = TestData.InRepository("notebooks", Path.ChangeExtension(name, ".ipynb"));
        Assert.True(File.Exists(path), $"{path} is missing: {Command}");
        return path;
    }

    private static List<JsonNode> Cells(string path) => [.. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().Select(cell => cell!)];

    private static List<(string Kind, string Type, string Text)> Outputs(JsonNode cell) =>
    [
        .. from output in cell["outputs"]?.AsArray() ?? []
           from data in output["data"]?.AsObject() ?? new JsonObject { ["text"] = output["text"]?.DeepClone() }
           select ((string)output["output_type"]!, data.Key, TextOf(data.Value)),
    ];

    private static string TextOf(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string?)text ?? "";

    private static void Same(string before, string now, string where)
    {
        var (stored, fresh) = (ChartHtml.FiguresIn(before), ChartHtml.FiguresIn(now));
        Assert.Equal(stored.Count, fresh.Count);
        foreach (var (figure, again) in stored.Zip(fresh)) SameText(figure, again, where);
        SameText(WithoutCharts(before, stored), WithoutCharts(now, fresh), where);
    }

    // A chart's data are compared; its picture and its element's name aren't.
    private static string WithoutCharts(string html, IReadOnlyList<string> figures)
    {
        foreach (var figure in figures) html = html.Replace(figure, "", StringComparison.Ordinal);
        return Passing().Replace(html, "");
    }

    internal static void SameText(string before, string now, string where)
    {
        var rounded = before.Contains("bfloat16", StringComparison.Ordinal) || before.Contains("LargestDeviation", StringComparison.Ordinal);
        var (stored, fresh) = (Number().Split(before), Number().Split(now));
        Assert.True(stored.SequenceEqual(fresh), $"{where}: '{now}' instead of '{before}'");
        foreach (var (number, again) in Number().Matches(before).Zip(Number().Matches(now), (a, b) => (a.Value, b.Value)))
        {
            // What is printed with two decimals may fall to either side.
            var decimals = number.Contains('.') && !number.Contains('E') ? number.Length - number.IndexOf('.') - 1 : 0;
            var tolerance = Math.Max(rounded ? Bfloat16Tolerance : Tolerance, decimals is > 0 and < 5 ? Math.Pow(10, -decimals) : 0);
            var (expected, actual) = (double.Parse(number, CultureInfo.InvariantCulture), double.Parse(again, CultureInfo.InvariantCulture));
            Assert.True(Math.Abs(expected - actual) <= tolerance * 1.001, $"{where}: {again} instead of {number} in '{Shortened(before)}'");
        }
    }

    private static string Shortened(string text) => text.Length <= 200 ? text : $"{text[..200]}…";

    [GeneratedRegex("""patchkernel-[0-9a-f]{32}|data:image/png;base64,[A-Za-z0-9+/=]+|alt="[^"]*"|width:[0-9.]+%|\d+(\.\d+)? (s|min|processors)\b|PatchKernel [\d.]+ on \.NET [\d.]+""")]
    private static partial Regex Passing();

    [GeneratedRegex(@"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")]
    private static partial Regex Number();
}
