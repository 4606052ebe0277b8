using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>What a cell is along the prompt: one position, all of them, or a role.</summary>
internal sealed class PositionsOption
{
    private static readonly string[] Words = ["default", "each", "all"];

    /// <summary>The option.</summary>
    public Option<string> Option { get; } = new("--positions")
    {
        Description = "Whether a cell is one position or all; by default each for streams, all for heads and patterns. Or roles with commas between, such as subject.last,last: "
            + "then the prompts may be of unequal length. A span, of --span or of a pair's template, has .first .last .each .all .mean, and so have prefix, what stands before the spans, and between; "
            + "last is the last token. 3:4 puts the clean prompt's position 3 at the corrupt one's 4, -1:-1 the last at the last, and 2:2+3:4 patches several together.",
        HelpName = $"{string.Join('|', Words)}|ROLES",
        DefaultValueFactory = _ => Words[0],
    };

    public PositionsOption() => Option.Validators.Add(result =>
    {
        if (result.Tokens is not [var token] || Words.Contains(token.Value)) return;
        try
        {
            _ = TokenRole.ParseAll(token.Value);
        }
        catch (PatchKernelException e)
        {
            var roles = token.Value.Contains('.') || token.Value.Contains(':') || token.Value.Contains(',');
            result.AddError(roles ? $"{Option.Name} {token.Value}: {e.Message.TrimEnd('.')}" : $"{Option.Name} has no '{token.Value}'; choose one of {string.Join(", ", Words)}, or give roles, such as subject.last,last");
        }
    });

    /// <summary>Whether a cell is one position; null where it isn't said.</summary>
    public Positions? Positions(ParseResult parse) => parse.GetValue(Option) switch { "each" => PatchKernel.Positions.Each, "all" => PatchKernel.Positions.All, _ => null };

    /// <summary>The roles; null where a cell is none.</summary>
    public IReadOnlyList<TokenRole>? Roles(ParseResult parse) => parse.GetValue(Option) is { } words && !Words.Contains(words) ? TokenRole.ParseAll(words) : null;
}
