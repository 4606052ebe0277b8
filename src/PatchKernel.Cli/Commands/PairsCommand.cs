using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel pairs</c>: what a prompts file holds.</summary>
internal static class PairsCommand
{
    public static Command Create(Terminal terminal)
    {
        var prompts = PairOptions.CreatePrompts();
        var command = new Command("pairs", "List the prompt pairs that --pair takes: their models, and what they are for.") { prompts };
        command.SetAction(parse =>
        {
            var book = PromptBook.Load(parse.GetValue(prompts) ?? ProjectFolder.Prompts);
            var table = new TextTable("pair", "models", "what it is for");
            foreach (var pair in book.Pairs)
                table.Add(pair.Name, string.Join(", ", pair.Models.Select(model => model.ShortName)), pair.Note ?? "");
            table.Write(terminal);
            return 0;
        });
        return command;
    }
}
