namespace PatchKernel.TrainMini;

/// <summary>A question in which one option is as a question about somebody else left it: two options are marked, or none.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Other">The same options, asked about somebody else.</param>
/// <param name="Option">The option whose last name comes from there: the right one of either question.</param>
/// <remarks>
/// Patching one token of a run makes such mixtures, which no question does. Without them a model is sure of something, and it needn't be what a reader expects.
/// </remarks>
internal sealed record MovedMark(Question Question, Question Other, Person Option)
{
    /// <summary>Draws one; either question's right option is as likely.</summary>
    public static MovedMark Draw(QuestionSource source)
    {
        var question = source.ForTraining();
        var other = source.AboutAnother(question);
        return new MovedMark(question, other, source.Chance() < 0.5 ? question.Answer : other.Answer);
    }

    /// <summary>Which of the options it is.</summary>
    public int Place => Question.PlaceOf(Option);

    /// <summary>The right answers, each as good: both marked options, or all where none is.</summary>
    public IReadOnlyList<Person> Marked => Option == Question.Answer ? Question.Options : [Question.Answer, Option];
}
