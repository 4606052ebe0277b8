using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel predict</c>: the best next tokens with their probabilities.</summary>
internal sealed class PredictCommand
{
    private const int DefaultTop = 10;

    private readonly Option<string?> text = OptionOf.Text("--text", "TEXT", "Text of the prompt, verbatim.");
    private readonly Option<int[]?> ids = OptionOf.Ids("--ids", "Ids of the prompt, taken as they are.");
    private readonly Option<int?> top = OptionOf.Count("--top", "K", $"How many tokens; by default {DefaultTop}.");
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly Terminal terminal;

    private PredictCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        foreach (var option in (Option[])[text, ids, top]) command.Options.Add(option);
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: false);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "predict", "Show the best next tokens of a prompt with their probabilities; with no prompt, of both prompts of the tutorial's pair.");
        command.SetAction(new PredictCommand(command, terminal).Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        var read = Prompts(parse);
        using var checkpoint = models.Open(parse, terminal, texts: !parse.Has(ids));
        var prompts = read(checkpoint);
        foreach (var prompt in prompts) RunView.CheckIds(prompt, checkpoint.Config);
        using var model = models.Load(parse, checkpoint, terminal);
        foreach (var prompt in prompts) Show(model, prompt, parse.GetValue(top) ?? DefaultTop);
        return 0;
    }

    private Func<Checkpoint, IReadOnlyList<Prompt>> Prompts(ParseResult parse)
    {
        string?[] given = [parse.Has(text) ? text.Name : null, parse.Has(ids) ? ids.Name : null, pairs.Given(parse)];
        if (given.OfType<string>().ToArray() is [var one, var other, ..])
            throw new UsageException($"{one} and {other} don't go together; give one of them");
        if (parse.GetValue(text) is { } words) return checkpoint => [Prompt.FromText(words, checkpoint.Tokenizer)];
        if (parse.Has(ids)) return _ => [Prompt.FromIds(parse.GetValue(ids)!)];
        var source = pairs.Read(parse);
        return checkpoint => source.For(checkpoint) is var pair ? [pair.Clean, pair.Corrupt] : [];
    }

    private void Show(Llama model, Prompt prompt, int count)
    {
        var best = model.Predict(prompt, count).Best;
        var table = new TextTable("rank", "id", "token", "probability", "logit");
        for (var i = 0; i < best.Count; i++)
        {
            var (token, probability) = best[i];
            table.Add($"{i + 1}", $"{token.Id}", token.Text is null ? "" : token.Label, Number(probability, "F4"), Number(token.Logit, "F3"));
        }
        foreach (var finding in PairCheck.OfPrompt(prompt, model.Tokenizer?.BosId)) terminal.Warning(finding.Message);
        RunView.WarnOfLength(terminal, prompt, model.Config);
        RunView.Prompt(terminal, "prompt", prompt);
        table.Write(terminal);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
