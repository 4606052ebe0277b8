namespace PatchKernel.TrainMini;

/// <summary>Who of three people shares the subject's profession?</summary>
/// <param name="Subject">Whom it asks about.</param>
/// <param name="Options">Three people of three professions; with the subject, four different first names.</param>
/// <param name="Answer">The option with the subject's profession.</param>
internal sealed record Question(Person Subject, IReadOnlyList<Person> Options, Person Answer)
{
    /// <summary>Which of the options somebody is, from 0.</summary>
    public int PlaceOf(Person option) => Options.Index().First(listed => listed.Item == option).Index;
}

/// <summary>A way to put the question; the answer is the option's full name.</summary>
/// <param name="Name">What results call it.</param>
/// <param name="Text">The prompt of a question.</param>
/// <param name="Circuit">Where training lets information be in it.</param>
internal sealed record Wording(string Name, Func<Question, string> Text, Func<Roles, Circuit> Circuit)
{
    /// <summary>As in the nnsight tutorial "Activation Patching": the subject first, then the options.</summary>
    public static Wording Tutorial { get; } = new("tutorial", question =>
        $"Q: Which of the following entities has a profession in common with {question.Subject.Name}? {List(question)}.\nA:", TrainMini.Circuit.Tutorial);

    /// <summary>The options first, so that they can't look at the subject.</summary>
    public static Wording Choice { get; } = new("choice", question =>
        $"Choose from: {List(question)}. The person most similar to {question.Subject.Name} is", TrainMini.Circuit.Choice);

    /// <summary>Both ways.</summary>
    public static IReadOnlyList<Wording> All { get; } = [Tutorial, Choice];

    private static string List(Question question) => string.Join(", ", question.Options.Select(option => option.Name));
}
