using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>Options that take one of a few words, and lists of ids.</summary>
internal static class Choice
{
    /// <summary>An option that takes one of the words; the first is its default.</summary>
    public static Option<string> Of(string name, string description, params IReadOnlyList<string> words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words), DefaultValueFactory = _ => words[0] };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value))
                result.AddError($"{name} has no '{token.Value}'; choose one of {string.Join(", ", words)}");
        });
        return option;
    }

    /// <summary>Whether an option is on the command line; a list that isn't there reads as an empty one.</summary>
    public static bool Has(this ParseResult parse, Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>An option that takes ids with commas between.</summary>
    public static Option<int[]?> OfIds(string name, string description) => new(name)
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
                if (int.TryParse(parts[i], System.Globalization.CultureInfo.InvariantCulture, out ids[i])) continue;
                result.AddError($"{name} takes ids with commas between, such as 1,2,3, and '{parts[i]}' is none");
                return null;
            }
            return ids;
        },
    };
}
