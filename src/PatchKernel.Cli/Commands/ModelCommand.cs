using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel model</c>: the module tree and the number of parameters.</summary>
internal static class ModelCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "model", "Show a checkpoint's modules with their shapes, and how many parameters they have; no weights are read.");
        var folder = ModelOptions.CreateFolder();
        command.Options.Add(folder);
        command.SetAction(parse =>
        {
            using var checkpoint = ModelOptions.Open(ModelOptions.FolderOf(parse, folder), terminal);
            var tree = ModelTree.Of(checkpoint.Config);
            terminal.Line(tree.ToString());
            terminal.Line();
            var table = new TextTable("part", "parameters", "");
            foreach (var part in tree.Parts) table.Add(part.Name, Number(part.Parameters), Remark(part, tree, checkpoint.Config));
            table.Add("all", Number(tree.Parameters), "");
            table.Write(terminal);
            return 0;
        });
        return command;
    }

    private static string Remark(ModelPart part, ModelTree tree, LlamaConfig config) => part.Name switch
    {
        "layers" => $"{config.NLayers} x {Number(tree.ParametersPerLayer)}",
        "unembedding" when config.TiedEmbeddings => "tied to the embedding",
        _ => "",
    };

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
