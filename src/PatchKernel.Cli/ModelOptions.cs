using System.CommandLine;
using System.Text.RegularExpressions;

namespace PatchKernel.Cli;

/// <summary>Which checkpoint runs, and how.</summary>
internal sealed partial class ModelOptions
{
    private readonly Option<string?> folder = CreateFolder();
    private readonly Option<string> dtype = OptionOf.Words(
        "--dtype", "What matrices are multiplied in, whatever is stored; float16 is slow on a CPU.", "float32", "bfloat16", "float16");
    private readonly Option<string?> device = OptionOf.Text(
        "--device", "auto|cpu|cuda|cuda:N", "What computes; auto, the default, fills every GPU there is, in order, and takes the CPU where there is none.");
    private readonly Option<string> residency = OptionOf.Words(
        "--residency", "Weights in memory, or read from disk layer by layer in each pass; auto fills the memory that is free, and reads the rest.", "auto", "all", "streamed");
    // Above it libtorch may find no threads, and ends the process.
    private static readonly int MostThreads = Math.Max(64, 4 * Environment.ProcessorCount);

    private readonly Option<int?> threads = OptionOf.Count(
        "--threads", "N", "CPU threads; by default as many as OMP_NUM_THREADS says, else one a core, and one alone for a small model.", most: MostThreads);

    public ModelOptions(Command command)
    {
        device.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Device().IsMatch(token.Value))
                result.AddError($"--device has no '{token.Value}'; choose auto, cpu, cuda or cuda:N");
        });
        foreach (var option in (Option[])[folder, dtype, device, residency, threads]) command.Options.Add(option);
    }

    /// <summary>The option that names a checkpoint.</summary>
    public static Option<string?> CreateFolder() => OptionOf.Text(
        "--model", "DIR|FILE.gguf|ORG/NAME",
        "Checkpoint folder, GGUF file, or a name on the Hugging Face hub, perhaps with @REVISION; by default the mini model.");

    /// <summary>The folder, file or name of that option, or the mini model's folder.</summary>
    public static string FolderOf(ParseResult parse, Option<string?> folder) => parse.GetValue(folder) ?? ProjectFolder.MiniModel;

    /// <summary>The folder, file or name of the model.</summary>
    public string Folder(ParseResult parse) => FolderOf(parse, folder);

    /// <summary>Opens the checkpoint, whose weights stay unread, and passes its warnings on.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="terminal">Where the warnings go.</param>
    /// <param name="texts">Whether there are texts to cut: a tokenizer that can't be used is an error then, and else a warning.</param>
    public Checkpoint Open(ParseResult parse, Terminal terminal, bool texts)
    {
        var checkpoint = ProgressBars.Download(terminal, progress => Checkpoint.Open(FolderOf(parse, folder), progress));
        try
        {
            // Loaded in any case: where ids are given, its tokens are the answers' texts.
            if (!checkpoint.HasTokenizer && texts) _ = checkpoint.Tokenizer;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
        foreach (var warning in checkpoint.Warnings) terminal.Warning(warning);
        return checkpoint;
    }

    /// <summary>Loads the model, which owns the checkpoint from here on; says where its parts are where that was asked for or isn't one place.</summary>
    public LanguageModel Load(ParseResult parse, Checkpoint checkpoint, Terminal terminal)
    {
        var said = checkpoint.Warnings.ToList();
        var model = LanguageModel.Load(checkpoint, parse.GetValue(dtype)!, parse.GetValue(device), Enum.Parse<Residency>(parse.GetValue(residency)!, ignoreCase: true));
        foreach (var warning in model.Warnings.Except(said)) terminal.Warning(warning); // what only reading all weights can tell
        if (model.DeviceMap.IsSplit || parse.GetValue(device) == "auto")
            foreach (var line in model.DeviceMap.ToString().Split('\n')) terminal.Note(line);
        if (parse.GetValue(threads) is { } count) TorchSharp.torch.set_num_threads(count);
        return model;
    }

    [GeneratedRegex(@"^(auto|cpu|cuda(:\d{1,4})?)$")]
    private static partial Regex Device();
}
