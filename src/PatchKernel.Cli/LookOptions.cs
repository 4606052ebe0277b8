using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>How a sweep's heatmap looks.</summary>
internal sealed class LookOptions
{
    private readonly Option<bool> signed = new("--signed")
    {
        Description = "Colours from minus to plus, symmetric about 0, instead of 0 to 1; heads with negative scores have them unless it is false.",
    };
    private readonly Option<bool> raw = new("--raw") { Description = "Draw the metric's own numbers instead of its normalised score." };

    public LookOptions(Command command)
    {
        foreach (var option in All) command.Options.Add(option);
    }

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [signed, raw];

    /// <summary>Whether the metric's own numbers are drawn.</summary>
    public bool Raw(ParseResult parse) => parse.GetValue(raw);

    /// <summary>The colours; null where the chart chooses.</summary>
    public ColourScale? Scale(ParseResult parse) => !parse.Has(signed) ? null : parse.GetValue(signed) ? ColourScale.Diverging : ColourScale.Purples;
}
