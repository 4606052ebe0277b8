using System.Text.Json;

namespace PatchKernel.Tests.Experiments.Units;

/// <summary>A study of a small random model with a token a letter, whose pairs have many lengths.</summary>
internal sealed class UnequalStudy : IDisposable
{
    private readonly BytesModel model = new();

    /// <param name="pairs">How many.</param>
    public UnequalStudy(int pairs)
    {
        var random = new Random(5);
        File.WriteAllLines(model.File("pairs.jsonl"), Enumerable.Range(0, pairs).Select(Line));
        Study = new() { Models = [model.Path], Data = model.File("pairs.jsonl"), Roles = TokenRole.ParseAll("subject.last,last"), Device = "cpu", Unit = 5, Metrics = [Metric.LogitDiff] };

        string Line(int pair)
        {
            var (before, behind, clean, corrupt) = (Word(), Word(), Word(), Word());
            var letter = (char)('a' + (pair % 12));
            return JsonSerializer.Serialize(new
            {
                clean = before + clean + behind,
                corrupt = before + corrupt + behind,
                clean_target = $"{letter}",
                corrupt_target = $"{(char)(letter + 13)}",
                subject = new[] { new[] { before.Length, before.Length + clean.Length }, [before.Length, before.Length + corrupt.Length] },
            });
        }

        string Word() => string.Concat(Enumerable.Range(0, random.Next(2, 5)).Select(_ => (char)('a' + random.Next(26))));
    }

    /// <summary>The study; by two roles.</summary>
    public Study Study { get; }

    /// <summary>Its pairs.</summary>
    public IReadOnlyList<PromptPair> Pairs
    {
        get
        {
            var tokenizer = Tokenizer.Load(model.Path);
            return [.. ExperimentData.Load(Study.Data).Rows.Select(row => row.In(tokenizer))];
        }
    }

    public void Dispose() => model.Dispose();
}
