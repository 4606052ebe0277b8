using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>The files that a sweep writes.</summary>
internal sealed class OutputFiles
{
    private readonly Option<string> html = new("--html")
    {
        Description = "The interactive heatmap, one file that opens offline; always written.",
        HelpName = "FILE",
        DefaultValueFactory = _ => "patching.html",
    };
    private readonly Option<string?> image = OptionOf.Text("--image", "FILE", "The heatmap as a picture, .png or .svg.");
    private readonly Option<string?> json = OptionOf.Text("--json", "FILE", "The result with every number.");

    public OutputFiles(Command command)
    {
        image.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Path.GetExtension(token.Value).ToLowerInvariant() is not (".png" or ".svg"))
                result.AddError($"--image takes a file name that ends in .png or .svg, and '{token.Value}' does not");
        });
        foreach (var option in (Option[])[html, image, json]) command.Options.Add(option);
    }

    /// <summary>Fails now, not after a long sweep, where a file couldn't be written.</summary>
    public void Probe(ParseResult parse)
    {
        var paths = Paths(parse).ToList();
        foreach (var path in paths) AtomicFile.Probe(path);
        if (paths.GroupBy(Path.GetFullPath).FirstOrDefault(same => same.Count() > 1) is { } twice)
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
