namespace PatchKernel.Templates;

/// <summary>One rendering: how much it may do, how much it did, and where it is.</summary>
/// <param name="inputLength">The letters of the template and of all variables: who brings more may use more.</param>
/// <param name="clock">What strftime_now reads.</param>
internal sealed class Rendering(long inputLength, TimeProvider clock)
{
    // A thousand messages take some 100,000 steps; each step is a tenth of a microsecond. Templates that gather a text piece by piece copy it each time.
    private const long MostSteps = 3_000_000;
    private const long MostLetters = 16_000_000;
    private const int ForEachLetter = 64;

    private long steps = MostSteps + inputLength;
    private long letters = MostLetters + (ForEachLetter * inputLength);

    /// <summary>The line of the statement that runs.</summary>
    public int Line { get; set; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Counts work.</summary>
    /// <exception cref="TemplateError">It is too much.</exception>
    public void Step(long count = 1)
    {
        if ((steps -= count) < 0) throw new TemplateError(TemplateFault.TooMuch, "it takes more steps than any template should");
    }

    /// <summary>Counts letters before they are made.</summary>
    /// <exception cref="TemplateError">They are too many.</exception>
    public void Take(long count)
    {
        if (count > letters) throw new TemplateError(TemplateFault.TooMuch, "it makes more text than any template should");
        letters -= count;
        Step(count >> 6);
    }

    /// <summary>Counts a text that was made.</summary>
    public string Taken(string text)
    {
        Take(text.Length);
        return text;
    }

    /// <summary>Counts the entries of a list before it is made.</summary>
    public void TakeEntries(long count) => Take(count > long.MaxValue / 16 ? long.MaxValue : count * 16);
}
