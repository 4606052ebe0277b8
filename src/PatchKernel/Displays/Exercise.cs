using PatchKernel.Text;

namespace PatchKernel;

/// <summary>Checks a reader's answer to an exercise without showing the right one.</summary>
/// <remarks>An answer left null says so and is no error, so a notebook can be run from end to end before anything is answered.</remarks>
public static class Exercise
{
    /// <summary>Compares an answer with the right one, which is computed from what the notebook measured.</summary>
    /// <param name="answer">The reader's answer; null where there is none yet.</param>
    /// <param name="right">Computes the right answer; called only when there is an answer.</param>
    /// <param name="hint">Where to look, in one sentence, after a wrong answer.</param>
    public static ExerciseOutcome Check<T>(T? answer, Func<T> right, string hint) =>
        Check(answer, given => EqualityComparer<T>.Default.Equals(given, right()), hint);

    /// <summary>Checks an answer where several are right.</summary>
    /// <param name="answer">The reader's answer; null where there is none yet.</param>
    /// <param name="right">Whether an answer is right; called only when there is one. If it throws, the answer is wrong and the error is shown.</param>
    /// <param name="hint">Where to look, in one sentence, after a wrong answer.</param>
    public static ExerciseOutcome Check<T>(T? answer, Func<T, bool> right, string hint)
    {
        if (answer is null) return new(ExerciseState.Unanswered, "Not answered yet: put your answer in the place of null, and run the cell again.");
        try
        {
            return right(answer) ? new(ExerciseState.Right, "Right.") : new(ExerciseState.Wrong, $"Not yet. {hint}");
        }
        catch (PatchKernelException e)
        {
            return new(ExerciseState.Wrong, $"Not yet. {e.Message}");
        }
    }
}

/// <summary>The state of an exercise.</summary>
public enum ExerciseState
{
    /// <summary>There is no answer yet.</summary>
    Unanswered,

    /// <summary>The answer is wrong.</summary>
    Wrong,

    /// <summary>The answer is right.</summary>
    Right,
}

/// <summary>The outcome of a check, to end a cell with.</summary>
/// <param name="State">Its state.</param>
/// <param name="Message">The same for people.</param>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record ExerciseOutcome(ExerciseState State, string Message) : IShowsHtml
{
    /// <summary>The message behind a mark.</summary>
    public string ToHtml() => Html.Frame(Html.Line($"<b>{Mark}</b> {Html.Text(Message)}"));

    /// <summary>The message.</summary>
    public override string ToString() => Message;

    private string Mark => State switch
    {
        ExerciseState.Right => "✓",
        ExerciseState.Wrong => "✗",
        _ => "…",
    };
}
