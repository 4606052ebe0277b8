using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>Whether and how a prompt is gone on with.</summary>
internal sealed class GenerateOptions
{
    private readonly Option<int?> count = OptionOf.Count("--generate", "N", "Go on with the prompt for at most N tokens, the best one each time; it ends where the model ends its text.");
    private readonly Option<double> temperature = OptionOf.Amount(
        "--temperature", "T", "With --generate: draw each token, its logits divided by T; by default 0, which takes the best.", usual: 0, most: GenerationOptions.MostTemperature, least: 0);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "S", "With --temperature: of the draws; by default 0.", least: int.MinValue);

    public GenerateOptions(Command command)
    {
        foreach (var option in (Option[])[count, temperature, seed]) command.Options.Add(option);
    }

    /// <summary>Fails where an option would be without effect.</summary>
    public void CheckTogether(ParseResult parse)
    {
        if (parse.Has(temperature) && !parse.Has(count)) throw new UsageException($"{temperature.Name} goes with {count.Name}");
        if (parse.Has(seed) && !(parse.Has(count) && parse.GetValue(temperature) > 0))
            throw new UsageException($"{seed.Name} goes with {count.Name} and a {temperature.Name} above 0: without it nothing is drawn");
    }

    /// <summary>How many tokens and how; null where nothing is generated.</summary>
    public (int Count, GenerationOptions Options)? Read(ParseResult parse) => parse.GetValue(count) is not { } tokens ? null
        : (tokens, new GenerationOptions { Temperature = parse.GetValue(temperature), Seed = parse.GetValue(seed) ?? 0 });

    /// <summary>Fails, before weights are read, where a model has no room for so many tokens.</summary>
    public void Check(ParseResult parse, Prompt prompt, ModelConfig config)
    {
        if (Read(parse) is var (tokens, options)) options.Check(config, prompt, tokens);
    }
}
