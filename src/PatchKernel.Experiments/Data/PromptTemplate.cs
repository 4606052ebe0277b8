using System.Text.RegularExpressions;
using PatchKernel.Prompts;

namespace PatchKernel.Data;

/// <summary>A text with places such as <c>{subject}</c>; what fills a place is a span of the prompt.</summary>
internal sealed partial class PromptTemplate(string text)
{
    /// <summary>The places' names, in the text's order, each once.</summary>
    public IReadOnlyList<string> Places => [.. Place().Matches(text).Select(place => Name(place.Value)).Distinct()];

    /// <summary>The first place in two pairs of braces, as other programs' templates have it; null where there is none.</summary>
    public string? Doubled => DoubledPlace().Match(text) is { Success: true } match ? match.Value : null;

    /// <summary>What stands in braces with blanks beside it, and would be a place without them: its text and its name.</summary>
    public IEnumerable<(string Text, string Name)> Spaced => SpacedPlace().Matches(text).Select(place => (place.Value, Name(place.Value).Trim()));

    /// <summary>The prompt; a list's items are the spans <c>place[0]</c>, <c>place[1]</c> and so on, and have commas between.</summary>
    /// <param name="fillers">What stands at each place.</param>
    public SpannedText Fill(IReadOnlyDictionary<string, Filler> fillers) => SpannedText.Fill(text, Place(), place => fillers[Name(place)].Named(Name(place)));

    private static string Name(string place) => place[1..^1];

    [GeneratedRegex(@"\{[\p{L}_][\p{L}\p{N}_-]*\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\{\{\s*[\p{L}_][\p{L}\p{N}_-]*\s*\}\}")]
    private static partial Regex DoubledPlace();

    [GeneratedRegex(@"\{(?=\s|[^{}]*\s\})\s*[\p{L}_][\p{L}\p{N}_-]*\s*\}")]
    private static partial Regex SpacedPlace();
}

/// <summary>What stands at a template's place.</summary>
/// <param name="Texts">One text, or several.</param>
/// <param name="IsList">Whether it is a list, of however many.</param>
internal readonly record struct Filler(IReadOnlyList<string> Texts, bool IsList)
{
    /// <summary>A filler of a column.</summary>
    public static Filler Of(string column, DataCell cell) => new(cell.AsTexts(column), cell.IsList);

    /// <summary>The texts with their spans' names.</summary>
    public IEnumerable<(string Name, string Text)> Named(string place) => IsList ? Texts.Select((text, i) => ($"{place}[{i}]", text)) : [(place, Texts[0])];
}
