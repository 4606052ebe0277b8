using PatchKernel.Text;

namespace PatchKernel;

/// <summary>An answer. Most metrics read its first token.</summary>
/// <param name="Id">The first token's id.</param>
/// <param name="Text">Its text, or null where only ids were given.</param>
public sealed record Target(int Id, string? Text)
{
    /// <summary>The whole answer, where it is longer than its first token; else null.</summary>
    public string? Answer { get; init; }

    /// <summary>Every token's id, the first one's first.</summary>
    public IReadOnlyList<int> Ids { get => ids ?? [Id]; init => ids = value; }

    private readonly IReadOnlyList<int>? ids;

    /// <summary>An answer of some ids.</summary>
    /// <exception cref="PatchKernelException">There is none.</exception>
    public static Target FromIds(params IReadOnlyList<int> ids) =>
        ids.Count == 0 ? throw new PatchKernelException("A target has no ids; give at least one.") : new(ids[0], null) { Ids = ids };

    /// <summary>Whether it is the same answer, token by token.</summary>
    public bool Equals(Target? other) => other is not null && (Id, Text, Answer) == (other.Id, other.Text, other.Answer) && Ids.SequenceEqual(other.Ids);

    /// <summary>Goes with <see cref="Equals(Target)"/>.</summary>
    public override int GetHashCode() => HashCode.Combine(Id, Text, Answer);

    /// <summary>An answer in a model's tokens, as they go on with a prompt.</summary>
    /// <param name="answer">The answer; its leading space counts.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="prompt">What it answers: it makes a difference where a tokenizer marks the beginning of a text. Null for any text.</param>
    /// <exception cref="PatchKernelException">The answer is empty, or the tokenizer can't spell it.</exception>
    public static Target FromText(string answer, Tokenizer tokenizer, Prompt? prompt = null)
    {
        var ids = tokenizer.EncodeAfter(prompt?.Text, answer);
        if (ids.Count == 0)
            throw new PatchKernelException("A target is empty; give the text that the model should answer with, its leading space included.");
        return new(ids[0], tokenizer.TokenText(ids[0])) { Answer = ids.Count > 1 ? answer : null, Ids = ids };
    }

    /// <summary>Several answers in words.</summary>
    internal static string Listed(IReadOnlyList<Target> targets) => string.Join(" and ", targets);

    /// <summary>The text in quotes, or the id.</summary>
    public override string ToString() => Text is null ? $"token {Id}" : Quoted.Text(Text);
}
