using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel model</c>: the module tree and the number of parameters, or what a sweep takes; reads no weights.</summary>
internal sealed class ModelCommand
{
    private const int DefaultTokens = 28;
    private const int MostTokens = 10_000_000; // as long as any model's prompts, and a plan of it takes no time

    private readonly Option<string?> model = ModelOptions.CreateFolder();
    private readonly Option<bool> plan = new("--plan") { Description = "What a sweep takes: memory, reading from disk, and work. A config.json is enough." };
    private readonly Option<int?> tokens = OptionOf.Count("--tokens", "N", $"With --plan: length of the prompts, by default {DefaultTokens}.", most: MostTokens);
    private readonly Option<int?> first = OptionOf.Count("--first-difference", "N", "With --plan: the first position at which the prompts differ, from 0; by default their middle.", least: 0);
    private readonly Option<string> dtype = OptionOf.Words(
        "--dtype", "With --plan: what matrices are multiplied in.", "float32", "bfloat16", "float16");
    private readonly Option<string> site = OptionOf.Words(
        "--site", "With --plan: what is patched; there is no resid_mid where attention and MLP run in parallel.", [.. Sweep.Sites.OrderBy(site => site != Activation.ResidPost).Select(ActivationNames.Name)]);
    private readonly Option<long?> memory = MemoryOption.Create("With --plan: memory that the sweep may take beside the weights; by default seven tenths of what is free.");
    private readonly Terminal terminal;

    private ModelCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        foreach (var option in (Option[])[model, plan, tokens, first, dtype, site, memory]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(plan))
            {
                var length = result.GetValue(tokens) ?? DefaultTokens;
                if (result.GetValue(first) >= length) result.AddError($"--first-difference takes a number from 0 to {length - 1}, of prompts of {length} tokens");
                return;
            }
            foreach (var option in (Option[])[tokens, first, dtype, site, memory])
                if (result.GetResult(option) is { Implicit: false }) result.AddError($"{option.Name} goes with --plan");
        });
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command(
            "model", "Show a checkpoint's modules with their shapes, and how many parameters they have, or what a sweep takes; no weights are read.");
        var shown = new ModelCommand(command, terminal);
        command.SetAction(parse => shown.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        var name = ModelOptions.FolderOf(parse, model);
        var settings = ProgressBars.Download(terminal, progress => ModelSettings.Load(name, progress, cancel));
        foreach (var warning in settings.Warnings) terminal.Warning(warning);
        if (parse.GetValue(plan)) Plan(parse, settings);
        else Tree(settings.Config);
        return 0;
    }

    private void Plan(ParseResult parse, ModelSettings settings)
    {
        var cost = SweepCost.Of(settings, parse.GetValue(tokens) ?? DefaultTokens, ActivationNames.Parse(parse.GetValue(site)!), parse.GetValue(dtype)!, parse.GetValue(first));
        terminal.Line(cost.ToString());
        terminal.Line(cost.OnThisMachine(parse.GetValue(memory)));
    }

    private void Tree(ModelConfig config)
    {
        var tree = ModelTree.Of(config);
        terminal.Line(tree.ToString());
        terminal.Line();
        terminal.Table(
        [
            ["part", "parameters", ""],
            .. tree.Parts.Select(part => (string[])[part.Name, Number(part.Parameters), Remark(part, tree, config)]),
            ["all", Number(tree.Parameters), ""],
        ]);
    }

    private static string Remark(ModelPart part, ModelTree tree, ModelConfig config) => part.Name switch
    {
        "layers" => $"{config.NLayers} x {Number(tree.ParametersPerLayer)}",
        "unembedding" when config.TiedEmbeddings => "tied to the embedding",
        _ => "",
    };

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
