using PatchKernel.Text;

namespace PatchKernel;

/// <summary>One row of a data file: a prompt pair in texts, not in tokens.</summary>
public sealed partial record DataRow
{
    /// <summary>The line of the file that it begins on, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>What the pair is called in tables: the file's <c>id</c>, or <c>row-LINE</c>; no two rows have the same.</summary>
    public required string Name { get; init; }

    /// <summary>The clean prompt.</summary>
    public required string Clean { get; init; }

    /// <summary>The corrupt prompt.</summary>
    public required string Corrupt { get; init; }

    /// <summary>Every right answer to the clean prompt.</summary>
    public required IReadOnlyList<string> CleanTargets { get; init; }

    /// <summary>Every right answer to the corrupt prompt.</summary>
    public required IReadOnlyList<string> CorruptTargets { get; init; }

    /// <summary>Parts of both prompts that have a name, such as the subject.</summary>
    public IReadOnlyDictionary<string, (TextRange Clean, TextRange Corrupt)> Spans { get; init; } = new Dictionary<string, (TextRange, TextRange)>();

    /// <summary>Further columns of the file, such as the relation, in its order.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>The pair in a model's tokens.</summary>
    /// <exception cref="PatchKernelException">The tokenizer can't spell a text, or a span isn't in it; the message begins with the row's line.</exception>
    public PromptPair In(Tokenizer tokenizer)
    {
        try
        {
            return PairIn(tokenizer);
        }
        catch (PatchKernelException e)
        {
            throw new PatchKernelException($"Line {Line}: {e.Message}", e);
        }
    }

    /// <summary>The same, with an error that leaves the line out.</summary>
    internal PromptPair PairIn(Tokenizer tokenizer) => PromptPair.FromPrompts(
        Prompt.FromText(Clean, tokenizer, Spans.ToDictionary(span => span.Key, span => span.Value.Clean)),
        Prompt.FromText(Corrupt, tokenizer, Spans.ToDictionary(span => span.Key, span => span.Value.Corrupt)),
        CleanTargets, CorruptTargets, tokenizer) with
    { Name = Name };

    /// <summary>The name and the line, both prompts with their answers, the spans, the further columns: a line each.</summary>
    public override string ToString() => string.Join('\n',
    [
        $"{Name}, line {Line}",
        $"clean: {Quoted.Text(Clean)} → {string.Join(" or ", CleanTargets.Select(Quoted.Text))}",
        $"corrupt: {Quoted.Text(Corrupt)} → {string.Join(" or ", CorruptTargets.Select(Quoted.Text))}",
        .. Spans.Select(span => $"{span.Key}: {Quoted.Text(Part(Clean, span.Value.Clean))} (corrupt: {Quoted.Text(Part(Corrupt, span.Value.Corrupt))})"),
        .. Columns.Select(column => $"{column.Key}: {column.Value}"),
    ]);

    private static string Part(string text, TextRange range) => string.Concat(text.EnumerateRunes().Skip(range.Start).Take(range.End - range.Start));
}
