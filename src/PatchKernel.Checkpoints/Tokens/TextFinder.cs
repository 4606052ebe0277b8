using System.Buffers;

namespace PatchKernel.Tokens;

/// <summary>Finds known texts in a text: from left to right, the longest at each place, none inside another.</summary>
/// <remarks>However many they are, a place takes no more steps than the longest has letters, times a binary search.</remarks>
internal sealed class TextFinder
{
    private readonly string[] _sorted;
    private readonly SearchValues<char> _initials;

    /// <param name="texts">What to find; none is empty.</param>
    public TextFinder(IEnumerable<string> texts)
    {
        _sorted = [.. texts.Order(StringComparer.Ordinal)];
        _initials = SearchValues.Create([.. _sorted.Select(text => text[0]).Distinct()]);
    }

    /// <summary>The place of each match, and which text it is.</summary>
    public IEnumerable<(int Start, string Text)> Find(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text.AsSpan(at).IndexOfAny(_initials);
            if (next < 0) yield break;
            at += next;
            var found = LongestAt(text.AsSpan(at));
            if (found is not null) yield return (at, found);
            at += found?.Length ?? 1;
        }
    }

    /// <summary>The longest known text at the start of a text, or null.</summary>
    private string? LongestAt(ReadOnlySpan<char> text)
    {
        var (first, end, longest) = (0, _sorted.Length, (string?)null);
        for (var length = 0; length < text.Length; length++) // those from first to end begin with so many of its letters
        {
            first = FirstFrom(first, end, length, text[length]);
            end = FirstFrom(first, end, length, text[length] + 1);
            if (first == end) break;
            if (_sorted[first].Length == length + 1) longest = _sorted[first];
        }
        return longest;
    }

    /// <summary>The first of a range whose letter at a place is a given one or a higher one.</summary>
    private int FirstFrom(int first, int end, int place, int letter)
    {
        while (first < end)
        {
            var middle = (first + end) / 2;
            if (_sorted[middle].Length > place && _sorted[middle][place] >= letter) end = middle;
            else first = middle + 1;
        }
        return first;
    }
}
