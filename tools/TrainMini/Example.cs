namespace PatchKernel.TrainMini;

/// <summary>A prompt and what should follow it.</summary>
/// <param name="Prompt">The prompt's text, without special tokens.</param>
/// <param name="Answer">The text that follows, with its leading space.</param>
/// <param name="Question">What is asked; null where it is a fact.</param>
internal sealed record Example(string Prompt, string Answer, Question? Question = null)
{
    /// <summary>A question, answered by a full name.</summary>
    public static Example Of(Question question, Wording wording) => new(wording.Text(question), $" {question.Answer.Name}", question);

    /// <summary>A question, answered by a first name alone.</summary>
    public static Example OfFirstName(Question question, Wording wording) => new(wording.Text(question), $" {question.Answer.First}", question);

    /// <summary>What somebody does.</summary>
    public static Example Of(Person person) => new($"The profession of {person.Name} is", $" {person.Profession}");
}
