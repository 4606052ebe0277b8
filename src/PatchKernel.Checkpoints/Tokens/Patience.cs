using System.Text.RegularExpressions;

namespace PatchKernel.Tokens;

/// <summary>Limits the time for cutting one text into words: some patterns try every way through a text, which never ends.</summary>
/// <param name="text">The text.</param>
/// <param name="time">The clock; the system's by default.</param>
internal sealed class Patience(string text, TimeProvider? time = null)
{
    /// <summary>The longest that a single match may take; real ones take microseconds.</summary>
    public static readonly TimeSpan ForAMatch = TimeSpan.FromSeconds(2);

    private const double CharactersPerSecond = 100_000; // a hundredth of what real patterns do

    private readonly TimeSpan limit = ForAMatch + TimeSpan.FromSeconds(text.Length / CharactersPerSecond);
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();

    /// <summary>Throws when the time is over.</summary>
    /// <exception cref="RegexMatchTimeoutException">There is none.</exception>
    public void Check()
    {
        if (time.GetElapsedTime(start) > limit) throw new RegexMatchTimeoutException();
    }
}
