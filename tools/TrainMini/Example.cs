namespace PatchKernel.TrainMini;

/// <summary>A prompt and what should follow it.</summary>
/// <param name="Prompt">The prompt's text, without special tokens.</param>
/// <param name="Answer">The text that follows, with its leading space.</param>
internal sealed record Example(string Prompt, string Answer)
{
    /// <summary>A question, answered by a full name.</summary>
    public static Example Of(Question question, Wording wording) => new(wording.Text(question), $" {question.Answer.Name}");

    /// <summary>What somebody does.</summary>
    public static Example Of(Person person) => new($"The profession of {person.Name} is", $" {person.Profession}");
}
