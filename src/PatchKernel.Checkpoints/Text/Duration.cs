namespace PatchKernel.Text;

/// <summary>Times that something took or takes, as people read them.</summary>
internal static class Duration
{
    /// <summary>Such as <c>9.0 s</c>, <c>42 s</c>, <c>2.6 min</c>, <c>1.7 h</c>.</summary>
    public static string Text(TimeSpan time) => time.TotalSeconds switch
    {
        < 10 => FormattableString.Invariant($"{time.TotalSeconds:0.0} s"),
        < 100 => FormattableString.Invariant($"{time.TotalSeconds:0} s"),
        < 100 * 60 => FormattableString.Invariant($"{time.TotalMinutes:0.0} min"),
        _ => FormattableString.Invariant($"{time.TotalHours:0.0} h"),
    };
}
