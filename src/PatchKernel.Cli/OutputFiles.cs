using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>The files that a sweep writes.</summary>
internal sealed class OutputFiles
{
    private readonly Option<string> html = new("--html") { Description = "The interactive heatmap, one file that opens offline.", HelpName = "FILE", DefaultValueFactory = _ => "patching.html" };
    private readonly Option<string?> image = new("--image") { Description = "The heatmap as a picture, .png or .svg.", HelpName = "FILE" };
    private readonly Option<string?> json = new("--json") { Description = "The result with every number.", HelpName = "FILE" };

    public OutputFiles(Command command)
    {
        image.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Path.GetExtension(token.Value).ToLowerInvariant() is not (".png" or ".svg"))
                result.AddError($"--image takes a file name that ends in .png or .svg, and '{token.Value}' does not");
        });
        command.Options.Add(html);
        command.Options.Add(image);
        command.Options.Add(json);
    }

    /// <summary>Fails now, not after a long sweep, where a file couldn't be written.</summary>
    public void Probe(ParseResult parse)
    {
        var paths = Paths(parse).ToList();
        foreach (var path in paths) AtomicFile.Probe(path);
        if (paths.GroupBy(path => Path.GetFullPath(path)).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"two outputs would go to the same file '{twice.First()}'");
    }

    /// <summary>Writes the files, and says which.</summary>
    public void Write(ParseResult parse, SweepResult result, Heatmap chart, Terminal terminal)
    {
        chart.WriteHtml(parse.GetValue(html)!);
        if (parse.GetValue(image) is { } picture) chart.WriteImage(picture);
        if (parse.GetValue(json) is { } file) result.Save(file);
        foreach (var path in Paths(parse)) terminal.Line($"wrote {path}");
    }

    private IEnumerable<string> Paths(ParseResult parse) =>
        new[] { parse.GetValue(html), parse.GetValue(image), parse.GetValue(json) }.OfType<string>();
}
