namespace PatchKernel.TrainMini;

/// <summary>Who of three people shares the subject's profession?</summary>
/// <param name="Subject">Whom it asks about.</param>
/// <param name="Options">Three people of three professions; with the subject, four different first names.</param>
/// <param name="Answer">The option with the subject's profession.</param>
internal sealed record Question(Person Subject, IReadOnlyList<Person> Options, Person Answer);

/// <summary>A way to put the question; the answer is the option's full name.</summary>
/// <param name="Name">What results call it.</param>
/// <param name="Text">The prompt of a question.</param>
internal sealed record Wording(string Name, Func<Question, string> Text)
{
    /// <summary>As in the nnsight tutorial "Activation Patching": the subject first, then the options.</summary>
    public static Wording Tutorial { get; } = new("tutorial", question =>
        $"Q: Which of the following entities has a profession in common with {question.Subject.Name}? {List(question)}.\nA:");

    /// <summary>The options first. Without a second wording some seeds learn a circuit in three stages that fits the first one's places.</summary>
    public static Wording Choice { get; } = new("choice", question =>
        $"Choose from: {List(question)}. The person most similar to {question.Subject.Name} is");

    /// <summary>Both ways.</summary>
    public static IReadOnlyList<Wording> All { get; } = [Tutorial, Choice];

    private static string List(Question question) => string.Join(", ", question.Options.Select(option => option.Name));
}
