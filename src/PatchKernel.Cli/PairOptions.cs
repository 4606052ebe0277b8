using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>Which prompt pair: one by name, two texts, or two lists of ids.</summary>
internal sealed class PairOptions
{
    public const string DefaultPair = "einstein";

    private readonly Option<string?> name = new("--pair") { Description = $"Name of a pair in the prompts file; by default {DefaultPair}, the tutorial's.", HelpName = "NAME" };
    private readonly Option<string?> prompts = new("--prompts") { Description = "File of prompt pairs; by default data/prompts.json.", HelpName = "FILE" };
    private readonly Option<string?> clean = new("--clean") { Description = "Text of the clean prompt, verbatim; needs --corrupt and --targets.", HelpName = "TEXT" };
    private readonly Option<string?> corrupt = new("--corrupt") { Description = "Text of the corrupt prompt.", HelpName = "TEXT" };
    private readonly Option<string[]?> targets = new("--targets")
    {
        Description = "The two answers, leading spaces included; of each the first token counts.",
        HelpName = "CLEAN CORRUPT",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int[]?> cleanIds = Choice.OfIds("--clean-ids", "Ids of the clean prompt, taken as they are; needs --corrupt-ids and --target-ids.");
    private readonly Option<int[]?> corruptIds = Choice.OfIds("--corrupt-ids", "Ids of the corrupt prompt.");
    private readonly Option<int[]?> targetIds = Choice.OfIds("--target-ids", "Ids of the two answers.");
    private readonly Option[] named;
    private readonly Option[] texts;
    private readonly Option[] ids;

    public PairOptions(Command command)
    {
        (named, texts, ids) = ([name, prompts], [clean, corrupt, targets], [cleanIds, corruptIds, targetIds]);
        foreach (var option in (IEnumerable<Option>)[.. named, .. texts, .. ids]) command.Options.Add(option);
    }

    /// <summary>What the options say, before there is a tokenizer: wrong combinations and unknown names fail here.</summary>
    public PairSource Read(ParseResult parse)
    {
        var given = ((Option[][])[named, texts, ids]).Where(group => group.Any(option => parse.Has(option))).ToList();
        if (given.Count > 1)
            throw new UsageException($"{Given(parse, given[0])} and {Given(parse, given[1])} don't go together; give a pair's name, two texts or two lists of ids");
        if (given is [var group] && group != named && group.FirstOrDefault(option => !parse.Has(option)) is { } missing)
            throw new UsageException($"{Given(parse, group)} needs {missing.Name} too");
        if (given.Contains(texts))
        {
            var answers = parse.GetValue(targets)!;
            return new(null, tokenizer => PromptPair.FromTexts(parse.GetValue(clean)!, parse.GetValue(corrupt)!, answers[0], answers[1], tokenizer()));
        }
        if (given.Contains(ids))
        {
            if (parse.GetValue(targetIds) is not [var cleanTarget, var corruptTarget]) throw new UsageException("--target-ids takes two ids, such as 5,9");
            return new(null, _ => PromptPair.FromIds(parse.GetValue(cleanIds)!, parse.GetValue(corruptIds)!, cleanTarget, corruptTarget));
        }
        var pair = PromptBook.Load(parse.GetValue(prompts) ?? ProjectFolder.Prompts).Find(parse.GetValue(name) ?? DefaultPair);
        return new(pair, tokenizer => PromptPair.FromDefinition(pair, tokenizer()));
    }

    /// <summary>Name of the first of these options that is there, or null.</summary>
    public string? Given(ParseResult parse) => ((Option[])[.. named, .. texts, .. ids]).FirstOrDefault(option => parse.Has(option))?.Name;

    private static string Given(ParseResult parse, Option[] group) => group.First(option => parse.Has(option)).Name;
}

/// <summary>A pair before it is in a model's tokens.</summary>
/// <param name="Definition">Its definition, where it came from the prompts file.</param>
/// <param name="ToTokens">Makes the pair; asks for the tokenizer only where there is text.</param>
internal sealed record PairSource(PairDefinition? Definition, Func<Func<Tokenizer>, PromptPair> ToTokens)
{
    /// <summary>The pair in a checkpoint's tokens.</summary>
    public PromptPair For(Checkpoint checkpoint) => ToTokens(() => checkpoint.Tokenizer);
}
