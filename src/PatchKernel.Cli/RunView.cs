using System.Globalization;
using PatchKernel.Sweeps;

namespace PatchKernel.Cli;

/// <summary>What stands above a grid: the pair, its ids, both runs and their gap.</summary>
internal static class RunView
{
    private const int Shown = 5, LabelWidth = 12;

    /// <summary>The pair with the ids of both prompts.</summary>
    public static void Pair(Terminal terminal, PairSource source, PromptPair pair, string model)
    {
        if (source.Definition is { } definition)
        {
            Labelled(terminal, "pair", definition.Note is null ? definition.Name : $"{definition.Name}: {definition.Note}");
            if (definition.For(model) is { } known)
            {
                if (known.Note is { } note) Labelled(terminal, "", note);
            }
            else if (definition.Models.Count > 0)
            {
                var names = string.Join(", ", definition.Models.Select(each => each.Name));
                Labelled(terminal, "", $"It is for {names}; {model} isn't among them, by its name.");
            }
        }
        if (source.Row is { } row) Labelled(terminal, "row", $"{row.Name}, line {row.Line}");
        Prompt(terminal, "clean", pair.Clean);
        Prompt(terminal, "corrupt", pair.Corrupt);
        Labelled(terminal, "targets", source.HasTargets ? $"clean {Tokens(pair.CleanTargets)}, corrupt {Tokens(pair.CorruptTargets)}" : "none");
    }

    /// <summary>What has a name in each prompt, where something has.</summary>
    public static void Spans(Terminal terminal, PromptPair pair)
    {
        foreach (var (name, span) in pair.Clean.Spans)
            if (pair.Corrupt.Spans.TryGetValue(name, out var other))
                Labelled(terminal, name == pair.Clean.Spans.Keys.First() ? "spans" : "", PlaceText.Placed(pair, new RolePlace(name, span.Positions, other.Positions)));
    }

    /// <summary>Both runs' best tokens and the gap between them by the metric.</summary>
    public static void Runs(Terminal terminal, Baseline runs, Metric metric)
    {
        Best(terminal, runs);
        var (clean, corrupt) = (runs.Clean.Of(metric), runs.Corrupt.Of(metric));
        Labelled(terminal, "gap",
            $"{Number(clean - corrupt)} by {metric.Name}, the {metric.Description}: {Number(clean)} clean, {Number(corrupt)} {CorruptName(runs)}");
    }

    /// <summary>Both runs' best tokens, and which targets they suggest.</summary>
    public static void Answers(Terminal terminal, Baseline runs)
    {
        Best(terminal, runs);
        var (clean, corrupt) = (runs.Clean.Best[0], runs.Corrupt.Best[0]);
        if (clean.Id == corrupt.Id) terminal.Warning($"Both runs answer {clean.Label}: a sweep has nothing to tell apart unless its targets are other tokens.");
        else
            Labelled(terminal, "gap", "not without targets; what the runs answer would be "
                + (clean.Text is null || corrupt.Text is null ? $"--target-ids {clean.Id},{corrupt.Id}" : $"--targets {clean.Label} {corrupt.Label}"));
    }

    /// <summary>A line with its name in front.</summary>
    public static void Labelled(Terminal terminal, string label, string text) => terminal.Prose($"{label,-LabelWidth}{Terminal.OneLine(text)}", LabelWidth);

    /// <summary>A prompt and its ids.</summary>
    public static void Prompt(Terminal terminal, string label, Prompt prompt)
    {
        if (prompt.Text is not null) Labelled(terminal, label, prompt.ToString());
        Labelled(terminal, prompt.Text is null ? label : "", $"{prompt.Length} ids {string.Join(',', prompt.Ids)}");
    }

    /// <summary>Fails, before weights are read, where a prompt has an id that the model doesn't have.</summary>
    public static void CheckIds(Prompt prompt, ModelConfig config)
    {
        if (prompt.Ids.FirstOrDefault(id => id >= config.DVocab, -1) is >= 0 and var id)
            throw new PatchKernelException($"The prompt has the id {id}, and the model's ids are 0 to {config.DVocab - 1}.");
    }

    /// <summary>Warns of a prompt that is longer than what the model was made for.</summary>
    public static void WarnOfLength(Terminal terminal, Prompt prompt, ModelConfig config)
    {
        if (prompt.Length > config.MaxPositions)
            terminal.Warning($"The prompt has {prompt.Length} tokens, and the model was made for {config.MaxPositions} at most: what it answers means little; shorten the prompt.");
    }

    private static string Tokens(IEnumerable<Target> targets) => string.Join(" and ", targets.Select(Token));

    private static string Token(Target target) => target.Text is null ? $"{target.Id}" : $"{target} ({target.Id})";

    private static string CorruptName(Baseline runs) => runs.IsNoised ? "noised" : "corrupt";

    private static void Best(Terminal terminal, Baseline runs)
    {
        Labelled(terminal, "clean run", Best(runs.Clean));
        Labelled(terminal, $"{CorruptName(runs)} run", Best(runs.Corrupt));
    }

    private static string Best(RunSummary run) =>
        string.Join(", ", run.Best.Take(Shown).Select(best => $"{best.Label} {Number(best.Logit)}"));

    private static string Number(float value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
