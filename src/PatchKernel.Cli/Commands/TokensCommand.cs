using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel tokens</c>: what a tokenizer makes of texts; needs the folder's tokenizer files alone.</summary>
internal sealed class TokensCommand
{
    private readonly Option<string?> folder = ModelOptions.CreateFolder();
    private readonly Option<string?> text = OptionOf.Text("--text", "TEXT", "Text, verbatim; by default the tutorial's clean prompt.");
    private readonly Option<string?> input = OptionOf.Text("--input", "FILE", "JSON array of texts; needs --json.");
    private readonly Option<string?> json = OptionOf.Text(
        "--json", "FILE", "Where the ids of --input go: an array of {text, ids, with_special, decoded}; - is standard output.");
    private readonly Terminal terminal;

    private TokensCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        foreach (var option in (Option[])[folder, text, input, json]) command.Options.Add(option);
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
        if (parse.Has(input) != parse.Has(json)) throw new UsageException("--input and --json go together; give both files");
        if (parse.Has(input) && parse.Has(text)) throw new UsageException("--text and --input don't go together; give one of them");
        if (parse.GetValue(input) is { } from) Convert(from, parse.GetValue(json)!, parse);
        else Show(parse.GetValue(text) ?? PromptBook.Load(ProjectFolder.Prompts).Find(PairOptions.DefaultPair).CleanText, parse);
        return 0;
    }

    private void Convert(string from, string to, ParseResult parse)
    {
        var texts = TokenFile.Read(from);
        var model = ModelOptions.FolderOf(parse, folder);
        if (StandardOutput.Is(to))
        {
            terminal.Data(TokenFile.Of(texts, Load(parse)));
            return;
        }
        AtomicFile.Probe(to);
        InputFiles.RefuseAsOutputs([(json.Name, to)], from, model);
        AtomicFile.Write(to, TokenFile.Of(texts, Load(parse)));
        terminal.Line($"wrote {to}, {texts.Count} texts");
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
