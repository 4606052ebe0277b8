using System.Globalization;

namespace PatchKernel.Cli;

/// <summary>What stands above a grid: the pair, its ids, both runs and their gap.</summary>
internal static class RunView
{
    private const int Shown = 5;

    /// <summary>The pair with the ids of both prompts.</summary>
    public static void Pair(Terminal terminal, PairSource source, PromptPair pair, string model)
    {
        if (source.Definition is { } definition)
        {
            Labelled(terminal, "pair", $"{definition.Name}: {definition.Note}");
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
        Prompt(terminal, "clean", pair.Clean);
        Prompt(terminal, "corrupt", pair.Corrupt);
        Labelled(terminal, "targets", $"clean {Token(pair.CleanTarget)}, corrupt {Token(pair.CorruptTarget)}");
    }

    /// <summary>Both runs' best tokens and the gap between them by the metric.</summary>
    public static void Runs(Terminal terminal, Baseline runs, Metric metric)
    {
        Labelled(terminal, "clean run", Best(runs.Clean));
        Labelled(terminal, "corrupt run", Best(runs.Corrupt));
        var (clean, corrupt) = (Value(runs.Clean), Value(runs.Corrupt));
        Labelled(terminal, "gap",
            $"{Number(clean - corrupt)} by {metric.Name}, the {metric.Description}: {Number(clean)} clean, {Number(corrupt)} corrupt");

        float Value(RunSummary run) => metric.Value(run.CleanTarget, run.CorruptTarget);
    }

    /// <summary>A line with its name in front.</summary>
    public static void Labelled(Terminal terminal, string label, string text) => terminal.Line($"{label,-12}{text}");

    /// <summary>A prompt and its ids.</summary>
    public static void Prompt(Terminal terminal, string label, Prompt prompt)
    {
        if (prompt.Text is not null) Labelled(terminal, label, prompt.ToString());
        Labelled(terminal, prompt.Text is null ? label : "", $"{prompt.Length} ids {string.Join(',', prompt.Ids)}");
    }

    /// <summary>Warns of a prompt that is longer than what the model was made for.</summary>
    public static void WarnOfLength(Terminal terminal, Prompt prompt, LlamaConfig config)
    {
        if (prompt.Length > config.MaxPositions)
            terminal.Warning($"The prompt has {prompt.Length} tokens, and the model was made for {config.MaxPositions} at most: what it answers means little; shorten the prompt.");
    }

    private static string Token(Target target) => target.Text is null ? $"{target.Id}" : $"{target} ({target.Id})";

    private static string Best(RunSummary run) =>
        string.Join(", ", run.Best.Take(Shown).Select(best => $"{best.Label} {Number(best.Logit)}"));

    private static string Number(float value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
