namespace PatchKernel.TrainMini;

/// <summary>Which token of a question is what; the same positions in every question of a wording.</summary>
/// <param name="SubjectLast">The subject's last name.</param>
/// <param name="OptionLasts">The options' last names, in their order.</param>
/// <param name="Answer">The prompt's last token, where the answer's first token is read.</param>
/// <param name="Marks">Which positions hold a punctuation mark.</param>
internal sealed record Roles(int SubjectLast, IReadOnlyList<int> OptionLasts, int Answer, IReadOnlyList<bool> Marks)
{
    /// <summary>Finds the names of a question among its tokens.</summary>
    public static Roles Of(Question question, IReadOnlyList<string> tokens) => new(
        Position(question.Subject, tokens),
        [.. question.Options.Select(option => Position(option, tokens))],
        tokens.Count - 1,
        [.. tokens.Select(token => !token.Any(char.IsLetter))]);

    /// <summary>Whether a position holds a first or a last name.</summary>
    public bool IsName(int pos) => OptionLasts.Append(SubjectLast).Any(last => pos == last || pos == last - 1);

    // Nobody shares a last name.
    private static int Position(Person person, IReadOnlyList<string> tokens) => Enumerable.Range(0, tokens.Count).Single(pos => tokens[pos] == $" {person.Last}");
}
