using System.Globalization;
using System.Text.RegularExpressions;

namespace PatchKernel.Tests.Docs;

/// <summary>A sentence of a document with numbers in it, and how each of them is measured.</summary>
/// <param name="File">The document, from the repository's root.</param>
/// <param name="Text">
/// The sentence or a part of it, with a mark for each number: <c>{=}</c> what is measured, rounded as it is written there; <c>{&lt;}</c> and <c>{&gt;}</c> a bound that it
/// stays below or above; <c>{~}</c> no more than twice or half of it. Where lines break doesn't matter. The number itself stands in the document alone.
/// </param>
/// <param name="Measure">The numbers, in order.</param>
public sealed partial record Statement(string File, string Text, Func<Measured, double[]> Measure)
{
    /// <summary>The document's text.</summary>
    public static string Read(string file) => System.IO.File.ReadAllText(TestData.InRepository(file.Split('/')));

    /// <summary>Where the statement's numbers stand in the document.</summary>
    public IEnumerable<int> Places => Pattern().Matches(Read(File)).SelectMany(match => match.Groups["number"].Captures).Select(number => number.Index);

    /// <summary>What is wrong with the document; empty where nothing is.</summary>
    public IReadOnlyList<string> Faults(Measured measured)
    {
        var found = Pattern().Matches(Read(File));
        if (found.Count != 1) return [$"{File} has '{Text}' {found.Count} times: a statement stands there once; write its entry as the document has it"];
        var (stated, values, marks) = (found[0].Groups["number"].Captures, Measure(measured), Marks().Matches(Text));
        if (values.Length != marks.Count) return [$"'{Text}' has {marks.Count} numbers, and {values.Length} are measured"];
        return [.. values.Index().Where(value => !Holds(marks[value.Index].Value[1], stated[value.Index].Value, value.Item))
            .Select(value => FormattableString.Invariant($"{File}: '{Text}' says {stated[value.Index].Value}, and {value.Item:0.#####} is measured"))];
    }

    public override string ToString() => $"{File}: {Text}";

    private static bool Holds(char kind, string text, double value)
    {
        var plain = text.Replace('−', '-').Replace(",", "", StringComparison.Ordinal);
        var stated = double.Parse(plain, CultureInfo.InvariantCulture);
        var decimals = plain.Contains('.', StringComparison.Ordinal) ? plain.Length - plain.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        // Sums in another order move the last digit by a hair.
        var rounding = 0.51 * Math.Pow(10, -decimals);
        return kind switch
        {
            '=' => Math.Abs(value - stated) <= rounding,
            '<' => value <= stated + rounding,
            '>' => value >= stated - rounding,
            _ => value / stated is >= 0.5 and <= 2,
        };
    }

    private Regex Pattern()
    {
        var parts = Marks().Split(Text).Select(part => string.Join(@"\s+", Blanks().Split(part).Select(Regex.Escape)));
        return new(string.Join(@"(?<number>[−-]?\d+(?:,\d{3})*(?:\.\d+)?)", parts), RegexOptions.CultureInvariant);
    }

    [GeneratedRegex("\\{[=<>~]\\}")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
