using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel predict</c>: the best next tokens with their probabilities.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("predict", "Show the best next tokens of a prompt with their probabilities; with no prompt, of both prompts of the tutorial's pair.");
        var text = new Option<string?>("--text") { Description = "Text of the prompt, verbatim.", HelpName = "TEXT" };
        var ids = Choice.OfIds("--ids", "Ids of the prompt, taken as they are.");
        var top = new Option<int>("--top", "-k") { Description = "How many tokens.", HelpName = "K", DefaultValueFactory = _ => 10 };
        top.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var count) || count < 1))
                result.AddError($"--top takes a number from 1 on, and '{token.Value}' is none");
        });
        command.Options.Add(text);
        command.Options.Add(ids);
        command.Options.Add(top);
        var models = new ModelOptions(command);
        var pairs = new PairOptions(command);
        command.SetAction(parse =>
        {
            var prompts = Prompts(parse, text, ids, pairs);
            using var checkpoint = models.Open(parse, terminal);
            var read = prompts(checkpoint);
            using var model = models.Load(parse, checkpoint);
            foreach (var prompt in read) Show(terminal, model, prompt, parse.GetValue(top));
            return 0;
        });
        return command;
    }

    private static Func<Checkpoint, IReadOnlyList<Prompt>> Prompts(ParseResult parse, Option<string?> text, Option<int[]?> ids, PairOptions pairs)
    {
        string?[] given = [parse.Has(text) ? text.Name : null, parse.Has(ids) ? ids.Name : null, pairs.Given(parse)];
        if (given.OfType<string>().ToArray() is [var one, var other, ..]) throw new UsageException($"{one} and {other} don't go together; give one of them");
        if (parse.GetValue(text) is { } read) return checkpoint => [Prompt.FromText(read, checkpoint.Tokenizer)];
        if (parse.Has(ids)) return _ => [Prompt.FromIds(parse.GetValue(ids)!)];
        var source = pairs.Read(parse);
        return checkpoint => source.For(checkpoint) is var pair ? [pair.Clean, pair.Corrupt] : [];
    }

    private static void Show(Terminal terminal, Llama model, Prompt prompt, int count)
    {
        var logits = model.NextTokenLogits(prompt.Ids);
        var best = TokenLogit.Best(logits, count, model.Tokenizer);
        var highest = best[0].Logit;
        var sum = logits.Sum(logit => Math.Exp(logit - highest));
        var table = new TextTable("rank", "id", "token", "probability", "logit");
        foreach (var (token, rank) in best.Select((token, rank) => (token, rank + 1)))
            table.Add($"{rank}", $"{token.Id}", token.Text is null ? "" : token.Label,
                (Math.Exp(token.Logit - highest) / sum).ToString("F4", CultureInfo.InvariantCulture), token.Logit.ToString("F3", CultureInfo.InvariantCulture));
        RunView.Prompt(terminal, "prompt", prompt);
        table.Write(terminal);
    }
}
