using System.Text.Encodings.Web;
using System.Text.Json;

namespace PatchKernel.TrainMini;

/// <summary>Pairs of questions that training never asked, as a data file for a study: a JSON object a line.</summary>
internal static class PairFile
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes pairs in the tutorial's wording; no two are the same. Spans are the subject, the right option and the one that is right in the corrupt prompt.</summary>
    /// <param name="source">Draws the questions.</param>
    /// <param name="count">How many pairs.</param>
    /// <param name="path">The file.</param>
    public static void Write(QuestionSource source, int count, string path)
    {
        var lines = new List<string>();
        HashSet<(string, string)> known = [];
        while (lines.Count < count)
        {
            var (clean, corrupt) = source.PairForTesting();
            var (one, other) = (Wording.Tutorial.Text(clean), Wording.Tutorial.Text(corrupt));
            if (known.Add((one, other)))
                lines.Add(JsonSerializer.Serialize(new
                {
                    id = FormattableString.Invariant($"pair-{lines.Count:D3}"),
                    profession = clean.Answer.Profession,
                    clean = one,
                    corrupt = other,
                    clean_target = $" {clean.Answer.First}",
                    corrupt_target = $" {corrupt.Answer.First}",
                    subject = new[] { Range(one, clean.Subject), Range(other, corrupt.Subject) },
                    right = new[] { Range(one, clean.Answer), Range(other, clean.Answer) },
                    wrong = new[] { Range(one, corrupt.Answer), Range(other, corrupt.Answer) },
                }, Plain));
        }
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
    }

    private static int[] Range(string text, Person person) => text.IndexOf(person.Name, StringComparison.Ordinal) is var start ? [start, start + person.Name.Length] : [];
}
