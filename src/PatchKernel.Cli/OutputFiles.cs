using System.CommandLine;
using PatchKernel.Charts;

namespace PatchKernel.Cli;

/// <summary>The files that a chart and its numbers are written to.</summary>
internal sealed class OutputFiles
{
    private readonly Option<string> html;
    private readonly Option<bool> noHtml = new("--no-html") { Description = "Write no interactive chart." };
    private readonly Option<string?> image = OptionOf.Text("--image", "FILE", "The chart as a picture, .png or .svg.");
    private readonly Option<string?> font = OptionOf.Text("--font", "NAME", "The letters of page and picture: a font that this system has, such as \"Times New Roman\" for a paper.");
    private readonly Option<string?> json = OptionOf.Text("--json", "FILE", "The result with every number; - is standard output, and all else goes to standard error.");

    private readonly Option<string?>[] further;

    /// <param name="command">Gets the options.</param>
    /// <param name="page">The page's usual name.</param>
    /// <param name="hasNumbers">Whether there is a result to be written too.</param>
    /// <param name="further">Options of further files, each a text.</param>
    public OutputFiles(Command command, string page = "patching.html", bool hasNumbers = true, params Option<string?>[] further)
    {
        this.further = further;
        html = new("--html") { Description = "The interactive chart, one file that opens offline.", HelpName = "FILE", DefaultValueFactory = _ => page };
        image.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Path.GetExtension(token.Value).ToLowerInvariant() is not (".png" or ".svg"))
                result.AddError($"--image takes a file name that ends in .png or .svg, and '{token.Value}' does not");
        });
        html.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: var path }]) return;
            if (path == StandardOutput.Name) result.AddError("--html takes a file, and not '-': --json alone goes to standard output");
            else if (Path.GetExtension(path).ToLowerInvariant() is ".png" or ".svg" or ".json" or ".pdf")
                result.AddError($"--html writes a page, and '{path}' is no name for one: give a name that ends in .html; --image writes pictures, --json numbers");
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(noHtml) && result.GetResult(html) is { Implicit: false }) result.AddError("--html and --no-html don't go together; give one of them");
        });
        foreach (var option in (Option[])[html, image, json, .. further])
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: var path }] && string.IsNullOrWhiteSpace(path)) result.AddError($"{option.Name} takes the name of a file, and it is empty");
            });
        font.Validators.Add(result =>
        {
            if (result.Tokens is not [var token]) return;
            try
            {
                _ = ChartFont.Of(token.Value);
            }
            catch (PatchKernelException e)
            {
                result.AddError(e.Message);
            }
        });
        foreach (var option in (Option[])[html, noHtml, image, font]) command.Options.Add(option);
        if (hasNumbers) command.Options.Add(json);
        foreach (var option in further) command.Options.Add(option);
    }

    /// <summary>The font of page and picture; null for the usual one.</summary>
    public string? Font(ParseResult parse) => parse.GetValue(font);

    /// <summary>The terminal for everything else: standard output is left to the result where that goes there.</summary>
    public Terminal Beside(ParseResult parse, Terminal terminal) => All(parse).Any(output => StandardOutput.Is(output.Path)) ? terminal.WithoutOutput() : terminal;

    /// <summary>Fails now, not after a long sweep, where a file couldn't be written.</summary>
    public void Probe(ParseResult parse)
    {
        if (All(parse).Where(output => StandardOutput.Is(output.Path)).Select(output => output.Option).ToArray() is [var one, var other, ..])
            throw new UsageException($"{one} and {other} would both go to standard output; give one of them a file");
        string[] paths = [.. Files(parse).Select(output => output.Path)];
        foreach (var path in paths) AtomicFile.Probe(path);
        if (paths.GroupBy(AtomicFile.PlaceOf, StringComparer.FromComparison(InputFiles.Case)).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"two outputs would go to the same file '{twice.First()}'");
    }

    /// <summary>Fails where a file would replace one that is read.</summary>
    public void RefuseInputs(ParseResult parse, params IEnumerable<string> inputs) => InputFiles.RefuseAsOutputs(Files(parse), inputs);

    /// <summary>Fails where no file is asked for, of a command that does nothing but write them.</summary>
    public void RefuseNone(ParseResult parse)
    {
        if (!All(parse).Any()) throw new UsageException($"{noHtml.Name} leaves nothing to write; give {image.Name} too, or leave it out");
    }

    /// <summary>Fails where the numbers are asked for and there is no file for them.</summary>
    public void RefuseNumbers(ParseResult parse, string why)
    {
        if (parse.Has(json)) throw new UsageException($"{json.Name} {why}");
    }

    /// <summary>Writes the files, the numbers first, and says which; one that fails leaves the others.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="numbers">The numbers as JSON; null where there is no file for them.</param>
    /// <param name="chart">Their chart.</param>
    /// <param name="output">Takes the result where it goes to standard output.</param>
    /// <param name="terminal">Gets a line for each file: written, or why not.</param>
    /// <param name="texts">What goes into the further files.</param>
    /// <returns>Whether all were written.</returns>
    public bool Write(ParseResult parse, Func<string>? numbers, ResultChart chart, Terminal output, Terminal terminal, params IReadOnlyList<(Option<string?> Option, Func<string> Content)> texts)
    {
        var whole = true;
        foreach (var (option, path) in All(parse))
            try
            {
                var text = option == json.Name ? numbers : texts.FirstOrDefault(text => text.Option.Name == option).Content;
                if (text is not null && StandardOutput.Is(path)) output.Data(text());
                else if (text is not null) AtomicFile.Write(path, text());
                else if (option == image.Name) chart.WriteImage(path);
                else chart.WriteHtml(path);
                if (!StandardOutput.Is(path)) terminal.Line($"wrote {path}");
            }
            catch (PatchKernelException e)
            {
                terminal.Error(e.Message);
                whole = false;
            }
        return whole;
    }

    private IEnumerable<(string Option, string Path)> Files(ParseResult parse) => All(parse).Where(output => output.Path != StandardOutput.Name);

    // From small to large: a disk that is nearly full takes the numbers.
    private IEnumerable<(string Option, string Path)> All(ParseResult parse)
    {
        if (parse.GetValue(json) is { } numbers) yield return (json.Name, numbers);
        foreach (var option in further)
            if (parse.GetValue(option) is { } text) yield return (option.Name, text);
        if (parse.GetValue(image) is { } picture) yield return (image.Name, picture);
        if (!parse.GetValue(noHtml)) yield return (html.Name, parse.GetValue(html)!);
    }
}
