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
            terminal.Table(
            [
                ["pair", "models", "what it is for"],
                .. book.Pairs.Select(pair => (string[])[pair.Name, string.Join(", ", pair.Models.Select(model => model.ShortName)), pair.Note ?? ""]),
            ]);
            return 0;
        });
        return command;
    }
}
