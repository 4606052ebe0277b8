using PatchKernel.Data;
using PatchKernel.Sweeps;
using PatchKernel.Text;

namespace PatchKernel.Units;

/// <summary>A study's rows in the tokens of each of its models, and what was found in them.</summary>
/// <param name="Rows">The rows that every model can read.</param>
/// <param name="Pairs">Every pair in each model's tokens.</param>
/// <param name="Skipped">Rows that are left out: bad ones of the file, and those that a model can't read or that lack a role.</param>
/// <param name="Warnings">What is odd about rows that stay, such as a target of two tokens.</param>
internal sealed record StudyRows(
    IReadOnlyList<DataRow> Rows, IReadOnlyList<IReadOnlyList<PromptPair>> Pairs, IReadOnlyList<SkippedRow> Skipped, IReadOnlyList<RowFinding> Warnings)
{
    /// <summary>One line on rows that are left out or odd; null where there are none.</summary>
    public string? Note
    {
        get
        {
            string[] parts = [.. Counts().Where(part => part.Count > 0).Select(part => part.Text)];
            return parts.Length == 0 ? null : $"{string.Join(", ", parts)}: 'experiment check' lists them";

            IEnumerable<(int Count, string Text)> Counts() =>
                [(Skipped.Count, $"{Excerpt.Count(Skipped.Count, "row")} left out"), (Warnings.Count, Excerpt.Count(Warnings.Count, "warning"))];
        }
    }

    /// <summary>Checks each row with each model's tokenizer.</summary>
    /// <exception cref="PatchKernelException">A row can't be used and isn't to be left out, or none can be used.</exception>
    public static StudyRows Of(Study study, ExperimentData data, IReadOnlyList<Checkpoint> models)
    {
        var (rows, skipped, warnings) = (new List<DataRow>(), new List<SkippedRow>(data.Skipped), new List<RowFinding>());
        var pairs = models.Select(_ => new List<PromptPair>()).ToArray();
        var lines = new Dictionary<(string, string), int>();
        foreach (var row in data.Rows)
        {
            RowCheck[] checks = [.. models.Select(model => CheckOf(study, row, model))];
            if (checks.Select(check => check.Error).OfType<Finding>().FirstOrDefault() is { } error)
            {
                if (!study.Selection.SkipBad) throw new PatchKernelException($"'{study.Data}', line {row.Line}: {error.Message}");
                skipped.Add(new(row.Line, error.Message.TrimEnd('.')));
                continue;
            }
            warnings.AddRange(checks.SelectMany(check => check.Findings).Distinct().Select(finding => new RowFinding(row, finding)));
            if (!lines.TryAdd((row.Clean, row.Corrupt), row.Line))
                warnings.Add(new(row, new(Severity.Warning, $"It has the prompts of line {lines[(row.Clean, row.Corrupt)]}, and counts as another pair in averages and their intervals.")));
            rows.Add(row);
            foreach (var (check, its) in checks.Zip(pairs)) its.Add(check.Pair!);
        }
        return rows.Count > 0 ? new(rows, pairs, skipped, warnings) : throw new PatchKernelException($"No row of '{study.Data}' can be used; {skipped[0]}.");
    }

    /// <summary>A row in a model's tokens: whether its prompts aren't too long, and, where its pattern is patched, whether it has it at the roles.</summary>
    private static RowCheck CheckOf(Study study, DataRow row, Checkpoint model)
    {
        var check = RowCheck.Of(row, model.Tokenizer, study.Roles, model.Config.DVocab);
        var (length, most) = (check.Pair is { } pair ? Math.Max(pair.Clean.Length, pair.Corrupt.Length) : 0, model.Config.MaxPositions);
        if (length > most) return check with { Findings = [new(Severity.Error, $"A prompt has {length} tokens, and {model.Name} takes {most} at most; shorten it.")] };
        if (study.Roles is null || !study.Sites.Contains(Activation.Pattern) || check.Error is not null) return check;
        var fault = SourceFit.Fault(check.Pair!, study.Options(Activation.Pattern, 1), check.Pair!.Clean);
        return fault is null ? check : check with { Findings = [.. check.Findings, new(Severity.Error, fault)] };
    }
}
