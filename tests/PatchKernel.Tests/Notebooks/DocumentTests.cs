using System.Text.RegularExpressions;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace PatchKernel.Tests.Notebooks;

/// <summary>What the documents show is what the code does.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed partial class DocumentTests
{
    [Fact]
    public async Task Every_cell_of_the_page_on_charts_runs_and_each_picture_is_there()
    {
        var page = await File.ReadAllTextAsync(TestData.InRepository("docs", "charts.md"), TestContext.Current.CancellationToken);
        Assert.All(Pictures().Matches(page), picture => Assert.True(File.Exists(TestData.InRepository("docs", picture.Groups[1].Value)), picture.Value));
        using var kernel = new CompositeKernel { new CSharpKernel() };
        kernel.DefaultKernelName = "csharp";
        using var folder = WorkingDirectory.Enter(TestData.InRepository("notebooks"));
        var setup = $"#r \"{typeof(Notebook).Assembly.Location}\"\n";
        var charts = 0;
        foreach (var code in Cells().Matches(page).Select(cell => cell.Groups[1].Value))
        {
            var run = await kernel.SendAsync(new SubmitCode(setup + code));
            var failure = run.Events.OfType<CommandFailed>().FirstOrDefault();
            Assert.True(failure is null, $"{failure?.Message}\n{code}");
            charts += run.Events.OfType<DisplayEvent>().SelectMany(value => value.FormattedValues).Count(value => IsChart(value));
            setup = "";
        }
        Assert.Equal(Pictures().Count(page), charts);
    }

    private static bool IsChart(FormattedValue value) =>
        value.MimeType == "text/html" && value.Value.Contains("data-patchkernel=\"chart\"", StringComparison.Ordinal);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Cells();

    [GeneratedRegex(@"!\[[^\]]*\]\(([^)]*)\)")]
    private static partial Regex Pictures();
}
