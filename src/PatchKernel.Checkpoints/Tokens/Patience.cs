using System.Text.RegularExpressions;

namespace PatchKernel.Tokens;

/// <summary>Limits the time for cutting one text into words: some patterns try every way through a text, which never ends.</summary>
/// <param name="length">The text's length.</param>
/// <param name="time">The clock; the system's by default.</param>
internal sealed class Patience(int length, TimeProvider? time = null)
{
    /// <summary>The longest that a single match may take; real ones take microseconds.</summary>
    public static readonly TimeSpan ForAMatch = TimeSpan.FromSeconds(2);

    private const double CharactersPerSecond = 100_000; // a hundredth of what real patterns do

    private readonly TimeSpan limit = ForAMatch + TimeSpan.FromSeconds(length / CharactersPerSecond);
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();

    /// <summary>Does what patterns of a tokenizer's file are used for, and refuses the file where one doesn't end.</summary>
    /// <param name="file">Names the file in the error.</param>
    /// <param name="work">What is done.</param>
    /// <exception cref="PatchKernelException">A pattern doesn't end.</exception>
    public static T For<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TokenizerContent.Unusable(file, "one of its patterns tries so many ways through a text that cutting it into words doesn't end; take another file", e);
        }
    }

    /// <summary>Throws when the time is over.</summary>
    /// <exception cref="RegexMatchTimeoutException">There is none.</exception>
    public void Check()
    {
        if (time.GetElapsedTime(start) > limit) throw new RegexMatchTimeoutException();
    }
}
