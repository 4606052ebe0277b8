using System.CommandLine;
using PatchKernel.Prompts;

namespace PatchKernel.Cli;

/// <summary>Names for words of both prompts, which a sweep by role goes by.</summary>
internal sealed class SpanOption
{
    private const int Parts = 3, Most = 100;

    /// <summary>The option.</summary>
    public Option<string[]?> Option { get; } = new("--span")
    {
        Description = "A name for words of both prompts, such as subject \"France\" \"Papua New Guinea\", for --positions subject.last; may be given several times. "
            + "What a pair's template holds has its own: subject, options[0] and so on.",
        HelpName = "NAME CLEAN CORRUPT",
        Arity = new ArgumentArity(1, Parts * Most),
        AllowMultipleArgumentsPerToken = true,
    };

    public SpanOption() => Option.Validators.Add(result =>
    {
        string[] names = [.. result.Tokens.Where((_, i) => i % Parts == 0).Select(token => token.Value)];
        if (result.Tokens.Count % Parts != 0) result.AddError($"{Option.Name} takes a name, the clean prompt's words and the corrupt prompt's, such as {Option.Name} subject \"France\" \"Spain\"");
        else if (names.FirstOrDefault(name => names.Count(other => other == name) > 1) is { } twice) result.AddError($"{Option.Name} names '{twice}' twice; give it once");
        else if (names.FirstOrDefault(name => !SpanNames.IsFree(name)) is { } bad) result.AddError($"{Option.Name} can't name a span '{bad}': {string.Join(", ", SpanNames.Reserved)} mean something else, and a name has no blanks, dots, commas and colons");
    });

    /// <summary>A prompt's text with the names added.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="text">The text, with the names that it has.</param>
    /// <param name="isClean">Whose words are looked for.</param>
    public SpannedText Added(ParseResult parse, SpannedText text, bool isClean) =>
        (parse.GetValue(Option) ?? []).Chunk(Parts).Aggregate(text, (named, span) => named.With(span[0], span[isClean ? 1 : 2]));
}
