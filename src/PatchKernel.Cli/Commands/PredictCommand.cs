using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel predict</c>: the best next tokens with their probabilities, and the text that the model goes on with.</summary>
internal sealed class PredictCommand
{
    private const int DefaultTop = 10;

    private readonly Option<string?> text = OptionOf.Text("--text", "TEXT", "Text of the prompt, verbatim.");
    private readonly Option<int[]?> ids = OptionOf.Ids("--ids", "Ids of the prompt, taken as they are.");
    private readonly Option<int?> top = OptionOf.Count("--top", "K", $"How many tokens; by default {DefaultTop}.");
    private readonly Option<string?> json = OptionOf.Text("--json", "FILE", "The numbers; - is standard output, and all else goes to standard error.");
    private readonly GenerateOptions generate;
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly Terminal terminal;

    private PredictCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        foreach (var option in (Option[])[text, ids, top]) command.Options.Add(option);
        generate = new GenerateOptions(command);
        json.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && string.IsNullOrWhiteSpace(path)) result.AddError($"{json.Name} takes the name of a file, and it is empty");
        });
        command.Options.Add(json);
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: false);
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command(
            "predict", "Show the best next tokens of a prompt with their probabilities, or generate; with no prompt, of both prompts of the tutorial's pair.");
        var predict = new PredictCommand(command, terminal);
        command.SetAction(parse => predict.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        generate.CheckTogether(parse);
        var read = Prompts(parse);
        var file = parse.GetValue(json);
        ProbeFile(parse, file);
        var output = file is not null && StandardOutput.Is(file) ? terminal.WithoutOutput() : terminal;
        using var checkpoint = models.Open(parse, output, texts: !parse.Has(ids));
        var prompts = read(checkpoint);
        foreach (var prompt in prompts)
        {
            RunView.CheckIds(prompt, checkpoint.Config);
            generate.Check(parse, prompt, checkpoint.Config);
        }
        using var model = models.Load(parse, checkpoint, output);
        var (count, asked) = (parse.GetValue(top) ?? DefaultTop, generate.Read(parse));
        var results = prompts.Select(prompt => asked is null
            ? PredictResult.Of(model, prompt, count, cancel)
            : ProgressBars.Counted(output, "tokens", progress => PredictResult.Of(model, prompt, count, cancel, asked, progress))).ToList();
        foreach (var result in results) Show(output, model, result);
        Write(file, results, pairs.AsChat(parse), output);
        return 0;
    }

    private void ProbeFile(ParseResult parse, string? file)
    {
        if (file is null || StandardOutput.Is(file)) return;
        AtomicFile.Probe(file);
        InputFiles.RefuseAsOutputs([(json.Name, file)], models.Folder(parse), pairs.BookFile(parse));
    }

    private void Write(string? file, IReadOnlyList<PredictResult> results, bool asChat, Terminal output)
    {
        if (file is null) return;
        var content = PredictResult.Json(results, asChat);
        if (StandardOutput.Is(file))
        {
            terminal.Data(content);
            return;
        }
        AtomicFile.Write(file, content);
        output.Line($"wrote {file}");
    }

    private Func<Checkpoint, IReadOnlyList<Prompt>> Prompts(ParseResult parse)
    {
        string?[] given = [parse.Has(text) ? text.Name : null, parse.Has(ids) ? ids.Name : null, pairs.Given(parse)];
        if (given.OfType<string>().ToArray() is [var one, var other, ..])
            throw new UsageException($"{one} and {other} don't go together; give one of them");
        if (parse.GetValue(text) is { } words) return checkpoint => [pairs.PromptOf(parse, words, checkpoint)];
        if (parse.Has(ids)) pairs.RefuseChat(parse, ids);
        if (parse.Has(ids)) return _ => [Prompt.FromIds(parse.GetValue(ids)!)];
        var source = pairs.Read(parse);
        return checkpoint => source.For(checkpoint) is var pair ? [pair.Clean, pair.Corrupt] : [];
    }

    private static void Show(Terminal terminal, LanguageModel model, PredictResult result)
    {
        var (prompt, best) = (result.Prompt, result.Best);
        List<string[]> rows = [["rank", "id", "token", "probability", "logit"]];
        foreach (var (token, probability) in best)
            rows.Add([$"{rows.Count}", $"{token.Id}", token.Text is null ? "" : token.Label, Number(probability, "F4"), Number(token.Logit, "F3")]);
        foreach (var finding in PairCheck.OfPrompt(prompt, model.Tokenizer?.BosId)) terminal.Warning(finding.Message);
        RunView.WarnOfLength(terminal, prompt, model.Config);
        RunView.Prompt(terminal, "prompt", prompt);
        terminal.Table(rows);
        if (result.Generation is not { } generation) return;
        RunView.Prompt(terminal, "generated", new Prompt(generation.Text, generation.NewIds, generation.NewTokens));
        if (generation.IsEnded) RunView.Labelled(terminal, "", "The model ended its text there.");
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
