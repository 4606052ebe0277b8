using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel check</c>: what can be said of a pair before it is swept.</summary>
internal static class CheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "check", "Check a prompt pair: both tokenizations where they differ, both runs' answers and the gap between them.");
        var models = new ModelOptions(command);
        var pairs = new PairOptions(command, targetsNeeded: false);
        var metric = OptionOf.Words("--metric", "The metric whose gap is looked at.", [.. Metric.All.Select(metric => metric.Name)]);
        command.Options.Add(metric);
        command.SetAction(parse =>
        {
            var source = pairs.Read(parse);
            using var checkpoint = models.Open(parse, terminal, source.HasTexts);
            var pair = source.For(checkpoint);
            // Prompts that share a span can be swept by it, whatever their lengths.
            TokenRole[] roles = [.. pair.Clean.Spans.Keys.Where(pair.Corrupt.Spans.ContainsKey).Select(span => TokenRole.Parse($"{span}.last"))];
            var check = PairReport.BeforeRuns(terminal, source, pair, checkpoint, roles.Length > 0 ? roles : null);
            if (pair.Clean.Length != pair.Corrupt.Length) terminal.Warning($"The prompts have {pair.Clean.Length} and {pair.Corrupt.Length} tokens: a sweep goes by role, such as --positions {roles[0]}.");
            terminal.Line(check.Tokenizations);
            using var model = models.Load(parse, checkpoint, terminal);
            var asked = Metric.Parse(parse.GetValue(metric)!);
            if (source.HasTargets) PairReport.Runs(terminal, check, Baseline.Run(model, check.Pair, asked), asked, model.Name);
            else RunView.Answers(terminal, Baseline.Run(model, check.Pair));
            return 0;
        });
        return command;
    }
}
