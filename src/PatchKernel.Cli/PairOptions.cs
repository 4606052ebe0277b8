using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>Which prompt pair: one by name, two texts, or two lists of ids.</summary>
internal sealed class PairOptions
{
    public const string DefaultPair = "einstein";

    private readonly Option<string?> name = OptionOf.Text(
        "--pair", "NAME", $"Name of a pair in the prompts file; by default {DefaultPair}, the tutorial's.");
    private readonly Option<string?> prompts = OptionOf.Text("--prompts", "FILE", "File of prompt pairs; by default data/prompts.json.");
    private readonly Option<string?> clean = OptionOf.Text(
        "--clean", "TEXT", "Text of the clean prompt, verbatim; needs --corrupt and --targets.");
    private readonly Option<string?> corrupt = OptionOf.Text("--corrupt", "TEXT", "Text of the corrupt prompt.");
    private readonly Option<string[]?> targets = new("--targets")
    {
        Description = "The two answers, leading spaces included, such as \" A\" \" B\"; of each the first token counts.",
        HelpName = "CLEAN CORRUPT",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int[]?> cleanIds = OptionOf.Ids(
        "--clean-ids", "Ids of the clean prompt, taken as they are; needs --corrupt-ids and --target-ids.");
    private readonly Option<int[]?> corruptIds = OptionOf.Ids("--corrupt-ids", "Ids of the corrupt prompt.");
    private readonly Option<int[]?> targetIds = OptionOf.Ids("--target-ids", "Ids of the two answers.");
    private readonly Option[] named;
    private readonly Option[] texts;
    private readonly Option[] ids;

    public PairOptions(Command command)
    {
        (named, texts, ids) = ([name, prompts], [clean, corrupt, targets], [cleanIds, corruptIds, targetIds]);
        foreach (var option in All) command.Options.Add(option);
    }

    private Option[] All => [.. named, .. texts, .. ids];

    /// <summary>Name of the first of these options that is there, or null.</summary>
    public string? Given(ParseResult parse) => All.FirstOrDefault(parse.Has)?.Name;

    /// <summary>What the options say, before there is a tokenizer: wrong combinations and unknown names fail here.</summary>
    public PairSource Read(ParseResult parse)
    {
        var given = ((Option[][])[named, texts, ids]).Where(group => group.Any(parse.Has)).ToList();
        if (given is [var one, var other, ..])
            throw new UsageException(
                $"{one.First(parse.Has).Name} and {other.First(parse.Has).Name} don't go together; give a pair's name, two texts or two lists of ids");
        if (given is [var group] && group != named && group.FirstOrDefault(option => !parse.Has(option)) is { } missing)
            throw new UsageException($"{group.First(parse.Has).Name} needs {missing.Name} too");
        return given.Contains(texts) ? OfTexts(parse) : given.Contains(ids) ? OfIds(parse) : OfName(parse);
    }

    /// <summary>Every prompt of the prompts file that is for the checkpoint; where the file doesn't know it, every one.</summary>
    public IReadOnlyList<Prompt> AllPrompts(ParseResult parse, Checkpoint checkpoint)
    {
        var pairs = Book(parse).Pairs;
        var known = pairs.Where(pair => pair.For(checkpoint.Name) is not null).ToList();
        return
        [
            .. (known.Count > 0 ? known : pairs).Select(pair => PromptPair.FromDefinition(pair, checkpoint.Tokenizer))
                .SelectMany(pair => new[] { pair.Clean, pair.Corrupt }),
        ];
    }

    private PromptBook Book(ParseResult parse) => PromptBook.Load(parse.GetValue(prompts) ?? ProjectFolder.Prompts);

    private PairSource OfName(ParseResult parse)
    {
        var book = Book(parse);
        // Who brings a file with one pair means that one.
        var pair = !parse.Has(name) && book.Pairs is [var only] ? only : book.Find(parse.GetValue(name) ?? DefaultPair);
        return new(pair, checkpoint =>
        {
            try
            {
                return PromptPair.FromDefinition(pair, checkpoint.Tokenizer);
            }
            catch (PatchKernelException e) when (pair.Models.Count > 0 && pair.For(checkpoint.Name) is null)
            {
                var models = string.Join(", ", pair.Models.Select(known => known.Name));
                throw new PatchKernelException(
                    $"The pair '{pair.Name}' is for {models}: give --model, or choose another pair, since the vocabulary of {checkpoint.Name} can't spell it.", e);
            }
        });
    }

    private PairSource OfTexts(ParseResult parse)
    {
        var (cleanText, corruptText, answers) = (parse.GetValue(clean)!, parse.GetValue(corrupt)!, parse.GetValue(targets)!);
        return new(null, checkpoint => PromptPair.FromTexts(cleanText, corruptText, answers[0], answers[1], checkpoint.Tokenizer));
    }

    private PairSource OfIds(ParseResult parse)
    {
        if (parse.GetValue(targetIds) is not [var cleanTarget, var corruptTarget])
            throw new UsageException("--target-ids takes two ids, such as 5,9");
        return new(null, _ => PromptPair.FromIds(parse.GetValue(cleanIds)!, parse.GetValue(corruptIds)!, cleanTarget, corruptTarget)) { HasTexts = false };
    }
}

/// <summary>A pair before it is in a model's tokens.</summary>
/// <param name="Definition">Its definition, where it came from the prompts file.</param>
/// <param name="For">The pair in a checkpoint's tokens; asks for the tokenizer only where there is text.</param>
internal sealed record PairSource(PairDefinition? Definition, Func<Checkpoint, PromptPair> For)
{
    /// <summary>Whether it needs a tokenizer.</summary>
    public bool HasTexts { get; init; } = true;
}
