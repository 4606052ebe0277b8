using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>What edges outside a circuit carry.</summary>
internal sealed class CircuitSource
{
    private const string Mean = "mean";

    /// <summary>The option.</summary>
    public Option<string> Option { get; } = OptionOf.Words(
        "--source", "What the other edges carry: the corrupt run's sender, nothing, or over --data each sender's mean over the corrupt prompts (at each position, or over all where their lengths differ).",
        "other", "zero", Mean);

    /// <summary>Fails where a mean is asked for and there is one pair.</summary>
    public void CheckTogether(ParseResult parse, PairSet set)
    {
        if (parse.GetValue(Option) == Mean && !set.IsSeveral) throw new UsageException($"{Option.Name} {Mean} goes with several rows of --data, over whose corrupt prompts it is taken");
    }

    /// <summary>The source.</summary>
    public PatchSource Of(ParseResult parse, IReadOnlyList<PromptPair> pairs) => parse.GetValue(Option) switch
    {
        "zero" => PatchSource.Zero,
        Mean => new PatchSource.Mean([.. pairs.Select(pair => pair.Corrupt)], EachPosition: pairs.All(pair => pair.Corrupt.Length == pairs[0].Corrupt.Length)),
        _ => PatchSource.Other,
    };
}
