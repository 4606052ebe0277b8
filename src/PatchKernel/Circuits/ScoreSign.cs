namespace PatchKernel;

/// <summary>The sign of scores.</summary>
public enum ScoreSign
{
    /// <summary>Positive helps the clean answer, (clean − corrupt) · gradient of the metric: this library's, and EAP-IG's with the metric's negative as its loss.</summary>
    HelpsClean,

    /// <summary>(corrupt − clean) · gradient of the metric: EAP-IG's own with a metric that is high in the clean run.</summary>
    CorruptLessClean,
}

/// <summary>What a sign makes of scores as they are measured.</summary>
internal static class ScoreSigns
{
    /// <summary>1, or −1 where scores are turned: of a metric that falls towards the clean run, such as kl, what helps moves it down.</summary>
    /// <param name="sign">The sign that scores go out with.</param>
    /// <param name="clean">On which side of the metric the clean run lies.</param>
    public static int Turn(this ScoreSign sign, CleanIs clean) => sign == ScoreSign.HelpsClean == (clean != CleanIs.Lower) ? 1 : -1;
}
