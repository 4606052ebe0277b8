using System.CommandLine;
using System.Globalization;
using PatchKernel.Prompts;

namespace PatchKernel.Cli;

/// <summary>Which prompt pair: one by name, two texts, or two lists of ids.</summary>
internal sealed class PairOptions
{
    public const string DefaultPair = "einstein";

    private const int MostListed = 20;

    private readonly bool targetsNeeded;
    private readonly Option<string?> name = OptionOf.Text(
        "--pair", "NAME", $"Name of a pair in the prompts file; by default {DefaultPair}, the tutorial's.");
    private readonly Option<string?> prompts = CreatePrompts();
    private readonly Option<string?> clean = OptionOf.Text("--clean", "TEXT", "Text of the clean prompt, verbatim; needs --corrupt, and --targets for a sweep.");
    private readonly Option<string?> corrupt = OptionOf.Text("--corrupt", "TEXT", "Text of the corrupt prompt.");
    private readonly Option<string[]?> targets = new("--targets")
    {
        Description = "The two answers, leading spaces included, such as \" A\" \" B\"; of each most metrics read the first token.",
        HelpName = "CLEAN CORRUPT",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int[]?> cleanIds = OptionOf.Ids(
        "--clean-ids", "Ids of the clean prompt, taken as they are; needs --corrupt-ids, and --target-ids for a sweep.");
    private readonly Option<int[]?> corruptIds = OptionOf.Ids("--corrupt-ids", "Ids of the corrupt prompt.");
    private readonly Option<int[]?> targetIds = OptionOf.Ids("--target-ids", "Ids of the two answers.");
    private readonly Option<string[]?> right = Further("--also-right", "right");
    private readonly Option<string[]?> wrong = Further("--also-wrong", "wrong");
    private readonly SpanOption span = new();
    private readonly Option<bool> asChat = new("--as-chat")
    {
        Description = "Make each prompt a user's turn by the model's chat template; the answer is then what the assistant says, mostly without a leading space.",
    };
    private readonly Option[] named;
    private readonly Option[] texts;
    private readonly Option[] ids;

    /// <param name="command">Gets the options.</param>
    /// <param name="targetsNeeded">Whether it measures the answers.</param>
    public PairOptions(Command command, bool targetsNeeded)
    {
        this.targetsNeeded = targetsNeeded;
        (named, texts, ids) = ([name, prompts], [clean, corrupt, targets], [cleanIds, corruptIds, targetIds]);
        foreach (var option in (Option[])[.. All, asChat]) command.Options.Add(option);
    }

    private Option[] All => [.. named, .. texts, .. ids, right, wrong, span.Option];

    /// <summary>Whether a template's spans are needed; where they aren't, a chat template may change what stands in them.</summary>
    public Func<ParseResult, bool> IsByRole { get; init; } = _ => false;

    /// <summary>The option that names a file of pairs.</summary>
    public static Option<string?> CreatePrompts() => OptionOf.Text("--prompts", "FILE", "File of prompt pairs; by default the command's own.");

    /// <summary>Name of the first of these options that is there, or null.</summary>
    public string? Given(ParseResult parse) => All.FirstOrDefault(parse.Has)?.Name;

    /// <summary>Whether prompts are a user's turns.</summary>
    public bool AsChat(ParseResult parse) => parse.GetValue(asChat);

    /// <summary>A text as the options want it: as it stands, or as a user's turn.</summary>
    public Prompt PromptOf(ParseResult parse, string text, Checkpoint checkpoint) => PromptOf(parse, Bare(text), checkpoint);

    /// <summary>Refuses --as-chat where there are ids.</summary>
    public void RefuseChat(ParseResult parse, Option ids)
    {
        if (AsChat(parse)) throw new UsageException($"{asChat.Name} makes turns of texts, and {ids.Name} are ids, which are taken as they are; leave one of them out");
    }

    /// <summary>The prompts file.</summary>
    public string BookFile(ParseResult parse) => parse.GetValue(prompts) ?? ProjectFolder.Prompts;

    /// <summary>What the options say, before there is a tokenizer: wrong combinations and unknown names fail here.</summary>
    public PairSource Read(ParseResult parse)
    {
        var given = ((Option[][])[named, texts, ids]).Where(group => group.Any(parse.Has)).ToList();
        if (given is [var one, var other, ..])
            throw new UsageException(
                $"{one.First(parse.Has).Name} and {other.First(parse.Has).Name} don't go together; give a pair's name, two texts or two lists of ids");
        if (given is [var group] && group != named && group.FirstOrDefault(option => Needed(option) && !parse.Has(option)) is { } missing)
            throw new UsageException($"{group.First(parse.Has).Name} needs {missing.Name} too");
        var source = given.Contains(texts) ? OfTexts(parse) : given.Contains(ids) ? OfIds(parse) : OfName(parse);
        if (!source.HasTexts && parse.Has(span.Option)) throw new UsageException($"{span.Option.Name} names words, and the prompts are ids; give positions, such as --positions 3:4");
        if (((Option[])[right, wrong]).FirstOrDefault(parse.Has) is not { } further) return source;
        if (!source.HasTargets) throw new UsageException($"{further.Name} stands beside targets; give these too");
        return source with
        {
            For = checkpoint =>
            {
                var pair = source.For(checkpoint);
                return pair with
                {
                    CleanTargets = [.. pair.CleanTargets, .. Targets(right, checkpoint, pair.Clean)],
                    CorruptTargets = [.. pair.CorruptTargets, .. Targets(wrong, checkpoint, pair.Clean)],
                };
            },
        };

        IEnumerable<Target> Targets(Option<string[]?> option, Checkpoint checkpoint, Prompt prompt) => (parse.GetValue(option) ?? []).Select(text =>
            source.HasTexts ? Target.FromText(text, checkpoint.Tokenizer, prompt)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? new Target(id, null)
            : throw new UsageException($"{option.Name} takes an id where the prompts are ids, and '{text}' is none"));
    }

    /// <summary>Every prompt of the prompts file that is for the checkpoint; where the file doesn't know it, every one.</summary>
    public IReadOnlyList<Prompt> AllPrompts(ParseResult parse, Checkpoint checkpoint)
    {
        if (!checkpoint.HasTokenizer)
            throw new PatchKernelException("--source mean is taken over the texts of the prompts file, for which the model needs a tokenizer that can be used: choose another source.");
        var pairs = Book(parse).Pairs;
        var known = pairs.Where(pair => pair.For(checkpoint.Name) is not null).ToList();
        return [.. (known.Count > 0 ? known : pairs).SelectMany(pair => new[] { pair.Clean, pair.Corrupt }.Select(side => PromptOf(parse, Filled(parse, pair, side), checkpoint)))];
    }

    private static Option<string[]?> Further(string name, string side) => new(name)
    {
        Description = $"Another {side} answer to the clean prompt, beside the target; may be given several times. Where the prompts are ids, an id.",
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
    };

    private bool Needed(Option option) => targetsNeeded || (option != targets && option != targetIds);

    private PromptBook Book(ParseResult parse) => PromptBook.Load(BookFile(parse));

    private PairSource OfName(ParseResult parse)
    {
        var pair = Named(parse, Book(parse));
        if (targetsNeeded && !pair.HasTargets)
            throw new UsageException($"the pair '{pair.Name}' of {BookFile(parse)} has no targets, and a sweep measures them: give each side a \"target\"");
        return new(pair, pair.HasTargets, checkpoint =>
        {
            try
            {
                var (one, other) = BothOf(parse, Filled(parse, pair, pair.Clean), Filled(parse, pair, pair.Corrupt), checkpoint);
                return (pair.HasTargets ? PromptPair.FromPrompts(one, other, pair.Clean.Targets, pair.Corrupt.Targets, checkpoint.Tokenizer) : Untargeted(one, other)) with
                {
                    Name = pair.Name,
                    KnownAnswers = AsChat(parse) || !pair.HasTargets ? [] : pair.KnownAnswers, // those are to the texts as they stand
                };
            }
            catch (PatchKernelException e) when (pair.Models.Count > 0 && pair.For(checkpoint.Name) is null)
            {
                var models = string.Join(", ", pair.Models.Select(known => known.Name));
                throw new PatchKernelException(
                    $"The pair '{pair.Name}' is for {models}: give --model, or choose another pair, since the vocabulary of {checkpoint.Name} can't spell it.", e);
            }
        });
    }

    /// <summary>Who brings a file with one pair means that one; of several, the command can't know.</summary>
    private PairDefinition Named(ParseResult parse, PromptBook book)
    {
        if (parse.GetValue(name) is { } wanted) return book.Find(wanted);
        if (!parse.Has(prompts)) return book.Find(DefaultPair);
        if (book.Pairs is not [_, _, ..] several) return book.Pairs is [var only] ? only : book.Find(DefaultPair);
        var names = string.Join(", ", several.Take(MostListed).Select(pair => pair.Name));
        throw new UsageException($"{book.Path} has {several.Count} pairs, {names}{(several.Count > MostListed ? " …" : "")}; give one of them as --pair NAME");
    }

    private PairSource OfTexts(ParseResult parse)
    {
        var (cleanText, corruptText) = (parse.GetValue(clean)!, parse.GetValue(corrupt)!);
        return new(null, parse.Has(targets), checkpoint =>
        {
            var (one, other) = BothOf(parse, Bare(cleanText), Bare(corruptText), checkpoint);
            return parse.GetValue(targets) is [var cleanTarget, var corruptTarget] ? PromptPair.FromPrompts(one, other, [cleanTarget], [corruptTarget], checkpoint.Tokenizer) : Untargeted(one, other);
        });
    }

    private (Prompt Clean, Prompt Corrupt) BothOf(ParseResult parse, SpannedText cleanText, SpannedText corruptText, Checkpoint checkpoint) =>
        (PromptOf(parse, span.Added(parse, cleanText, isClean: true), checkpoint), PromptOf(parse, span.Added(parse, corruptText, isClean: false), checkpoint));

    private Prompt PromptOf(ParseResult parse, SpannedText text, Checkpoint checkpoint) =>
        AsChat(parse) ? Prompt.OfUser(text.Text, checkpoint, text.Spans) : text.In(checkpoint.Tokenizer);

    private SpannedText Filled(ParseResult parse, PairDefinition pair, PairSide side) =>
        pair.Filled(side) is var text && (IsByRole(parse) || !AsChat(parse)) ? text : Bare(text.Text);

    private static SpannedText Bare(string text) => new(text, new Dictionary<string, TextRange>());

    private PairSource OfIds(ParseResult parse)
    {
        RefuseChat(parse, cleanIds);
        var answers = parse.GetValue(targetIds);
        if (parse.Has(targetIds) && answers is not [_, _]) throw new UsageException("--target-ids takes two ids, such as 5,9");
        var (cleanPrompt, corruptPrompt) = (Prompt.FromIds(parse.GetValue(cleanIds)!), Prompt.FromIds(parse.GetValue(corruptIds)!));
        return new(null, parse.Has(targetIds), _ => answers is [var cleanTarget, var corruptTarget]
            ? PromptPair.FromIds(cleanPrompt.Ids, corruptPrompt.Ids, cleanTarget, corruptTarget)
            : Untargeted(cleanPrompt, corruptPrompt))
        { HasTexts = false };
    }

    // A pair has targets; where none is measured, two ids that differ and that every model has stand in for them.
    private static PromptPair Untargeted(Prompt clean, Prompt corrupt) => new(null, clean, corrupt, new Target(0, null), new Target(1, null));
}

/// <summary>A pair before it is in a model's tokens.</summary>
/// <param name="Definition">Its definition, where it came from the prompts file.</param>
/// <param name="HasTargets">Whether it has targets; without them it can be looked at, and not measured.</param>
/// <param name="For">The pair in a checkpoint's tokens; asks for the tokenizer only where there is text.</param>
internal sealed record PairSource(PairDefinition? Definition, bool HasTargets, Func<Checkpoint, PromptPair> For)
{
    /// <summary>Whether it needs a tokenizer.</summary>
    public bool HasTexts { get; init; } = true;

    /// <summary>The row of a data file that it is; else null.</summary>
    public DataRow? Row { get; init; }
}
