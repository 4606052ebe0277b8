using System.CommandLine;
using System.Text.RegularExpressions;

namespace PatchKernel.Cli;

/// <summary>Which checkpoint runs, and how.</summary>
internal sealed partial class ModelOptions
{
    private readonly Option<string?> dtype = Choice.Of("--dtype", "What matrices are multiplied in, whatever is stored.", "float32", "bfloat16", "float16")!;
    private readonly Option<string?> device = new("--device") { Description = "Where it runs; by default the GPU where there is one.", HelpName = "cpu|cuda|cuda:N" };
    private readonly Option<int?> threads = new("--threads") { Description = "CPU threads; by default one a core.", HelpName = "N" };

    public ModelOptions(Command command)
    {
        device.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Device().IsMatch(token.Value))
                result.AddError($"--device has no '{token.Value}'; choose cpu, cuda or cuda:N");
        });
        threads.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var count) || count < 1))
                result.AddError($"--threads takes a number from 1 on, and '{token.Value}' is none");
        });
        command.Options.Add(Folder);
        command.Options.Add(dtype);
        command.Options.Add(device);
        command.Options.Add(threads);
    }

    /// <summary>The checkpoint folder; the mini model's by default.</summary>
    public Option<string?> Folder { get; } = CreateFolder();

    /// <summary>The option that names a checkpoint folder.</summary>
    public static Option<string?> CreateFolder() => new("--model") { Description = "Checkpoint folder; by default the mini model.", HelpName = "DIR" };

    /// <summary>The folder of an option, or the mini model's.</summary>
    public static string FolderOf(ParseResult parse, Option<string?> folder) => parse.GetValue(folder) ?? ProjectFolder.MiniModel;

    /// <summary>Opens the checkpoint, whose weights stay unread, and passes its warnings on.</summary>
    public Checkpoint Open(ParseResult parse, Terminal terminal)
    {
        var checkpoint = Checkpoint.Open(FolderOf(parse, Folder));
        foreach (var warning in checkpoint.Warnings) terminal.Warning(warning);
        return checkpoint;
    }

    /// <summary>Loads the model, which owns the checkpoint from here on.</summary>
    public Llama Load(ParseResult parse, Checkpoint checkpoint)
    {
        var model = Llama.Load(checkpoint, parse.GetValue(dtype)!, parse.GetValue(device));
        if (parse.GetValue(threads) is { } count) TorchSharp.torch.set_num_threads(count);
        return model;
    }

    [GeneratedRegex(@"^(cpu|cuda(:\d+)?)$")]
    private static partial Regex Device();
}
