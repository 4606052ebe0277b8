namespace PatchKernel.Cli;

/// <summary>A pair check as the commands print it: tokenizations to standard output, warnings and the error to standard error.</summary>
internal static class PairReport
{
    /// <summary>Shows the pair; where it can't be swept, both tokenizations too, and fails with the reason.</summary>
    /// <param name="terminal">Where it goes.</param>
    /// <param name="source">What the pair came from.</param>
    /// <param name="pair">The pair.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="roles">What a cell is; null where it is a position, so that lengths have to agree.</param>
    public static PairCheck BeforeRuns(Terminal terminal, PairSource source, PromptPair pair, Checkpoint checkpoint, IReadOnlyList<TokenRole>? roles)
    {
        var check = PairCheck.Run(pair, checkpoint.Config.DVocab, checkpoint.HasTokenizer ? checkpoint.Tokenizer.BosId : null, byRole: roles is not null);
        RunView.Pair(terminal, source, pair, checkpoint.Name);
        if (roles is not null) RunView.Spans(terminal, pair);
        if (check.HasErrors) terminal.Line(check.Tokenizations);
        Warn(terminal, check.Findings);
        RunView.WarnOfLength(terminal, pair.Clean, checkpoint.Config);
        check.ThrowIfErrors();
        foreach (var role in roles ?? []) Find(role, pair);
        return check;
    }

    /// <summary>Shows both runs' best tokens and gap, and warns where they aren't those expected of the model; fails where no score could be made.</summary>
    public static void Runs(Terminal terminal, PairCheck check, Baseline runs, Metric metric, string model)
    {
        RunView.Runs(terminal, runs, metric);
        var found = check.WithRuns(runs, metric, model);
        Warn(terminal, found.Findings.Skip(check.Findings.Count));
        found.ThrowIfErrors();
    }

    /// <summary>Fails where a prompt doesn't have the role: before weights are read.</summary>
    private static void Find(TokenRole role, PromptPair pair)
    {
        if (role.Span is { } span && (!pair.Clean.Spans.ContainsKey(span) || !pair.Corrupt.Spans.ContainsKey(span)))
            throw new PatchKernelException($"The role {role} needs the span '{span}', and the prompts have {(pair.Clean.Spans.Count == 0 ? "none" : $"only {string.Join(", ", pair.Clean.Spans.Keys)}")}; "
                + $"name its words by --span {span} CLEAN CORRUPT, or take last, or positions such as 3:4.");
        _ = role.In(pair.Clean, pair.Corrupt);
    }

    private static void Warn(Terminal terminal, IEnumerable<Finding> findings)
    {
        foreach (var finding in findings.Where(finding => finding.Severity == Severity.Warning)) terminal.Warning(finding.Message);
    }
}
