namespace PatchKernel;

/// <summary>How serious a finding is.</summary>
public enum Severity
{
    /// <summary>The sweep runs, but you should know this.</summary>
    Warning,

    /// <summary>A sweep would be meaningless, so it is refused.</summary>
    Error,
}

/// <summary>One thing that a pair check found.</summary>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Message">One sentence that says what is wrong and what to do.</param>
public sealed record Finding(Severity Severity, string Message)
{
    /// <summary>The severity and the sentence.</summary>
    public override string ToString() => $"{(Severity == Severity.Error ? "error" : "warning")}: {Message}";
}
