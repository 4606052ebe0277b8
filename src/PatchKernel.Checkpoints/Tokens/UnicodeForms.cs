using System.Globalization;
using System.Text;

namespace PatchKernel.Tokens;

/// <summary>Unicode's normal forms, by a table that this library carries.</summary>
/// <remarks>
/// Unicode Standard Annex 15. .NET's own <c>string.Normalize</c> needs ICU, and leaves every text as it is where a process has none or runs without globalization, as the command does.
/// </remarks>
internal static class UnicodeForms
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;
    private const char FirstThatMayChange = '\u00A0';

    private static readonly Lazy<Tables> Data = new(Tables.Read);

    /// <summary>A text in a normal form.</summary>
    /// <param name="text">The text; it has no half surrogate pairs.</param>
    /// <param name="form">The form.</param>
    public static string Normalize(string text, NormalizationForm form)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstThatMayChange, char.MaxValue)) return text;
        var runes = new List<int>(text.Length);
        var compatibly = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, compatibly, runes);
        Order(runes);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC) Compose(runes);
        var normal = new StringBuilder(text.Length);
        foreach (var rune in runes) normal.Append(new Rune(rune).ToString());
        return normal.ToString();
    }

    private static void Decompose(int rune, bool compatibly, List<int> into)
    {
        if (rune - HangulBase is >= 0 and < Leads * Vowels * Tails and var syllable)
        {
            into.Add(LeadBase + (syllable / (Vowels * Tails)));
            into.Add(VowelBase + (syllable / Tails % Vowels));
            if (syllable % Tails > 0) into.Add(TailBase + (syllable % Tails));
        }
        else if (Data.Value.Canonical.TryGetValue(rune, out var parts) || (compatibly && Data.Value.Compatible.TryGetValue(rune, out parts)))
            foreach (var part in parts) Decompose(part, compatibly, into);
        else into.Add(rune);
    }

    /// <summary>Sorts the marks that follow a letter by their class, those of one class as they came.</summary>
    private static void Order(List<int> runes)
    {
        for (var start = 0; start < runes.Count; start++)
        {
            if (ClassOf(runes[start]) == 0) continue;
            var end = start + 1;
            while (end < runes.Count && ClassOf(runes[end]) > 0) end++;
            if (end - start > 1)
            {
                int[] sorted = [.. runes.GetRange(start, end - start).OrderBy(ClassOf)];
                for (var i = 0; i < sorted.Length; i++) runes[start + i] = sorted[i];
            }
            start = end - 1;
        }
    }

    /// <summary>Joins a letter with what follows it, where nothing of the same class or a lower one stands between.</summary>
    private static void Compose(List<int> runes)
    {
        var (letter, kept, lastClass) = (-1, 0, 0);
        for (var i = 0; i < runes.Count; i++)
        {
            var (rune, ownClass) = (runes[i], ClassOf(runes[i]));
            var isNext = letter == kept - 1;
            if (letter >= 0 && (isNext || lastClass < ownClass) && Join(runes[letter], rune) is { } whole)
            {
                runes[letter] = whole;
                continue;
            }
            if (ownClass == 0) letter = kept;
            lastClass = ownClass;
            runes[kept++] = rune;
        }
        runes.RemoveRange(kept, runes.Count - kept);
    }

    private static int? Join(int first, int second)
    {
        if (first - LeadBase is >= 0 and < Leads and var lead && second - VowelBase is >= 0 and < Vowels and var vowel)
            return HangulBase + (((lead * Vowels) + vowel) * Tails);
        if (first - HangulBase is >= 0 and < Leads * Vowels * Tails and var syllable && syllable % Tails == 0 && second - TailBase is > 0 and < Tails and var tail)
            return first + tail;
        return Data.Value.Composed.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static int ClassOf(int rune) => rune < 0x300 ? 0 : Data.Value.Classes.GetValueOrDefault(rune);

    private sealed class Tables
    {
        public readonly Dictionary<int, int[]> Canonical = [], Compatible = [];
        public readonly Dictionary<(int, int), int> Composed = [];
        public readonly Dictionary<int, int> Classes = [];

        public static Tables Read()
        {
            var tables = new Tables();
            using var lines = new StreamReader(typeof(UnicodeForms).Assembly.GetManifestResourceStream("PatchKernel.Tokens.unicode-forms.txt")!);
            while (lines.ReadLine() is { } line)
                if (line.Split(' ') is [{ Length: 1 } kind, var rune, .. var rest] && kind != "#") tables.Add(kind[0], Hex(rune), rest);
            return tables;
        }

        private void Add(char kind, int rune, string[] rest)
        {
            if (kind == 'M')
            {
                for (var mark = rune; mark <= Hex(rest[0]); mark++) Classes.Add(mark, int.Parse(rest[1], CultureInfo.InvariantCulture));
                return;
            }
            int[] parts = [.. rest.Select(Hex)];
            (kind == 'K' ? Compatible : Canonical).Add(rune, parts);
            if (kind == 'C') Composed.Add((parts[0], parts[1]), rune);
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
