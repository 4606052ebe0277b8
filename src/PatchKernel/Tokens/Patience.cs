using System.Diagnostics;
using System.Text.RegularExpressions;

namespace PatchKernel;

/// <summary>How long cutting one text into words may take: a pattern can be made to try every way through a text, which never ends.</summary>
/// <param name="text">The text.</param>
internal sealed class Patience(string text)
{
    /// <summary>The longest that a single match may take; real ones take microseconds.</summary>
    public static readonly TimeSpan ForAMatch = TimeSpan.FromSeconds(2);

    private const double CharactersPerSecond = 100_000; // a hundredth of what real patterns do

    private readonly TimeSpan limit = ForAMatch + TimeSpan.FromSeconds(text.Length / CharactersPerSecond);
    private readonly Stopwatch watch = Stopwatch.StartNew();

    /// <summary>Passes while there is time left.</summary>
    /// <exception cref="RegexMatchTimeoutException">There is none.</exception>
    public void Check()
    {
        if (watch.Elapsed > limit) throw new RegexMatchTimeoutException();
    }
}
