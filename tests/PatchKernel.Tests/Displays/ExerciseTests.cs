namespace PatchKernel.Tests.Displays;

public sealed class ExerciseTests
{
    private const string Hint = "Look at the last row.";

    [Fact]
    public void No_answer_is_no_error_and_computes_nothing()
    {
        int? answer = null;
        var outcome = Exercise.Check(answer, right: () => throw new InvalidOperationException("asked"), Hint);
        Assert.Equal(ExerciseState.Unanswered, outcome.State);
        Assert.StartsWith("Not answered yet", outcome.ToString());
    }

    [Theory, InlineData(4, ExerciseState.Right), InlineData(5, ExerciseState.Wrong)]
    public void An_answer_is_compared_with_the_computed_one(int answer, ExerciseState expected) =>
        Assert.Equal(expected, Exercise.Check((int?)answer, () => 4, Hint).State);

    [Fact]
    public void A_wrong_answer_shows_the_hint_and_not_the_right_one()
    {
        var outcome = Exercise.Check("Pitt", () => "Newton", Hint);
        Assert.Contains(Hint, outcome.ToHtml());
        Assert.DoesNotContain("Newton", outcome.ToHtml());
    }

    [Fact]
    public void An_answer_that_the_library_refuses_is_wrong_and_says_why()
    {
        var outcome = Exercise.Check("folder", answer => throw new PatchKernelException($"There is no {answer}."), Hint);
        Assert.Equal(new ExerciseOutcome(ExerciseState.Wrong, "Not yet. There is no folder."), outcome);
    }

    [Fact]
    public void What_is_kept_frees_what_was_kept_before_it()
    {
        var first = Notebook.Keep(nameof(ExerciseTests), () => new Held());
        var second = Notebook.Keep(nameof(ExerciseTests), () =>
        {
            Assert.True(first.Disposed);
            return new Held();
        });
        Assert.False(second.Disposed);
    }

    private sealed class Held : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
