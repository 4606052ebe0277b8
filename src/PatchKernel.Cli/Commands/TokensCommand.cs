using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel tokens</c>: what a tokenizer makes of texts; needs the folder's tokenizer files alone.</summary>
internal sealed class TokensCommand
{
    private readonly Option<string?> folder = ModelOptions.CreateFolder();
    private readonly Option<string?> text = OptionOf.Text("--text", "TEXT", "Text, verbatim; by default the tutorial's clean prompt.");
    private readonly Option<string?> input = OptionOf.Text("--input", "FILE", "JSON array of texts; needs --json.");
    private readonly Option<string?> chat = OptionOf.Text(
        "--chat", "FILE", "JSON array of conversations, {messages, add_generation_prompt, variables}, for the model's chat template; needs --json.");
    private readonly Option<string?> json = OptionOf.Text(
        "--json", "FILE", "Where the ids of --input go, an array of {text, ids, with_special, decoded}, or those of --chat, {text, ids} or {error}; - is standard output.");
    private readonly Terminal terminal;

    private TokensCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        foreach (var option in (Option[])[folder, text, input, chat, json]) command.Options.Add(option);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "tokens", "Show the ids and texts of a text's tokens, or write those of many texts; needs the folder's tokenizer files alone.");
        command.SetAction(new TokensCommand(command, terminal).Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        if (((Option[])[text, input, chat]).Where(parse.Has).ToList() is [var one, var other, ..]) throw new UsageException($"{one.Name} and {other.Name} don't go together; give one of them");
        var from = parse.Has(chat) ? chat : input;
        if (parse.Has(from) != parse.Has(json)) throw new UsageException($"{from.Name} and --json go together; give both files");
        if (parse.GetValue(from) is not { } file) Show(parse.GetValue(text) ?? PromptBook.Load(ProjectFolder.Prompts).Find(PairOptions.DefaultPair).CleanText, parse);
        else if (from == chat) Convert(file, ChatFile.Read(file), "conversations", all => ChatFile.Of(all, ChatTemplate.Load(ModelOptions.FolderOf(parse, folder)), Load(parse)), parse);
        else Convert(file, TokenFile.Read(file), "texts", all => TokenFile.Of(all, Load(parse)), parse);
        return 0;
    }

    private void Convert<T>(string from, IReadOnlyList<T> items, string what, Func<IReadOnlyList<T>, string> convert, ParseResult parse)
    {
        var to = parse.GetValue(json)!;
        if (StandardOutput.Is(to))
        {
            terminal.Data(convert(items));
            return;
        }
        AtomicFile.Probe(to);
        InputFiles.RefuseAsOutputs([(json.Name, to)], from, ModelOptions.FolderOf(parse, folder));
        AtomicFile.Write(to, convert(items));
        terminal.Line($"wrote {to}, {items.Count} {what}");
    }

    private void Show(string shown, ParseResult parse)
    {
        var tokenizer = Load(parse);
        var prompt = Prompt.FromText(shown, tokenizer);
        foreach (var finding in PairCheck.OfPrompt(prompt, tokenizer.BosId)) terminal.Warning(finding.Message);
        terminal.Table([["pos", "id", "token"], .. Enumerable.Range(0, prompt.Length).Select(pos => (string[])[$"{pos}", $"{prompt.Ids[pos]}", prompt.Label(pos)])]);
    }

    private Tokenizer Load(ParseResult parse)
    {
        var tokenizer = Tokenizer.Load(ModelOptions.FolderOf(parse, folder));
        foreach (var warning in tokenizer.Warnings) terminal.Warning(warning);
        return tokenizer;
    }
}
