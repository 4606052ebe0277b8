using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel tokens</c>: what a tokenizer makes of texts; needs the folder's tokenizer files alone.</summary>
internal static class TokensCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("tokens", "Show the ids and texts of a text's tokens, or write those of many texts; needs the folder's tokenizer files alone.");
        var folder = ModelOptions.CreateFolder();
        var text = new Option<string?>("--text") { Description = "Text, verbatim; by default the tutorial's clean prompt.", HelpName = "TEXT" };
        var input = new Option<string?>("--input") { Description = "JSON array of texts; needs --json.", HelpName = "FILE" };
        var json = new Option<string?>("--json") { Description = "Where the ids of --input go: an array of {text, ids, with_special, decoded}.", HelpName = "FILE" };
        foreach (var option in (Option[])[folder, text, input, json]) command.Options.Add(option);
        command.SetAction(parse =>
        {
            var (from, to, given) = (parse.GetValue(input), parse.GetValue(json), parse.GetValue(text));
            if ((from is null) != (to is null)) throw new UsageException("--input and --json go together; give both files");
            if (from is not null && given is not null) throw new UsageException("--text and --input don't go together; give one of them");
            var texts = from is null ? null : TokenFile.Read(from);
            if (to is not null) AtomicFile.Probe(to);
            given ??= from is null ? PromptBook.Load(ProjectFolder.Prompts).Find(PairOptions.DefaultPair).CleanText : null;
            var tokenizer = Tokenizer.Load(ModelOptions.FolderOf(parse, folder));
            if (given is not null) Show(terminal, given, tokenizer);
            else
            {
                TokenFile.Write(to!, texts!, tokenizer);
                terminal.Line($"wrote {to}, {texts!.Count} texts");
            }
            return 0;
        });
        return command;
    }

    private static void Show(Terminal terminal, string text, Tokenizer tokenizer)
    {
        var prompt = Prompt.FromText(text, tokenizer);
        var table = new TextTable("pos", "id", "token");
        for (var pos = 0; pos < prompt.Length; pos++) table.Add($"{pos}", $"{prompt.Ids[pos]}", prompt.Label(pos));
        table.Write(terminal);
    }
}
