namespace PatchKernel.Cli;

/// <summary>A pair check as the commands print it: tokenizations to standard output, warnings and the error to standard error.</summary>
internal static class PairReport
{
    /// <summary>Shows the pair; where it can't be swept, both tokenizations too, and fails with the reason.</summary>
    public static PairCheck BeforeRuns(Terminal terminal, PairSource source, PromptPair pair, Checkpoint checkpoint)
    {
        var check = PairCheck.Run(pair, checkpoint.Config.DVocab, checkpoint.HasTokenizer ? checkpoint.Tokenizer.BosId : null);
        RunView.Pair(terminal, source, pair, checkpoint.Name);
        if (check.HasErrors) terminal.Line(check.Tokenizations);
        Warn(terminal, check.Findings);
        RunView.WarnOfLength(terminal, pair.Clean, checkpoint.Config);
        return check.ThrowIfErrors();
    }

    /// <summary>Shows both runs' best tokens and gap, and warns where they aren't those expected of the model; fails where no score could be made.</summary>
    public static void Runs(Terminal terminal, PairCheck check, Baseline runs, Metric metric, string model)
    {
        RunView.Runs(terminal, runs, metric);
        var found = check.WithRuns(runs, metric, model);
        Warn(terminal, found.Findings.Skip(check.Findings.Count));
        found.ThrowIfErrors();
    }

    private static void Warn(Terminal terminal, IEnumerable<Finding> findings)
    {
        foreach (var finding in findings.Where(finding => finding.Severity == Severity.Warning)) terminal.Warning(finding.Message);
    }
}
