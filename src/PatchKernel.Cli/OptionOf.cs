using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli;

/// <summary>The kinds of options there are; what can't be read is refused here, with what could be.</summary>
internal static class OptionOf
{
    /// <summary>A text, a name or a path.</summary>
    public static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    /// <summary>One of a few words; the first is the default.</summary>
    public static Option<string> Words(string name, string description, params IReadOnlyList<string> words)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => words[0],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value))
                result.AddError($"{name} has no '{token.Value}'; choose one of {string.Join(", ", words)}");
        });
        return option;
    }

    /// <summary>A number from <paramref name="least"/> on.</summary>
    public static Option<int?> Count(string name, string value, string description, int least = 1)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = value };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, CultureInfo.InvariantCulture, out var count) || count < least))
                result.AddError($"{name} takes a number from {least} on, and '{token.Value}' is none");
        });
        return option;
    }

    /// <summary>Ids with commas between.</summary>
    public static Option<int[]?> Ids(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "1,2,3",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            var parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
            var ids = new int[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (int.TryParse(parts[i], CultureInfo.InvariantCulture, out ids[i])) continue;
                result.AddError($"{name} takes ids with commas between, such as 1,2,3, and '{parts[i]}' is none");
                return null;
            }
            return ids;
        },
    };

    /// <summary>Whether an option is on the command line; a list that isn't there reads as an empty one.</summary>
    public static bool Has(this ParseResult parse, Option option) => parse.GetResult(option) is { Implicit: false };
}
