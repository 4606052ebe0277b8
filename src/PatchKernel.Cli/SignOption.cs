using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>What a positive score means.</summary>
/// <param name="description">Of which scores, as the help says it.</param>
internal sealed class SignOption(string description)
{
    private const string HelpsClean = "helps-clean";

    /// <summary>The option.</summary>
    public Option<string> Option { get; } = OptionOf.Words("--sign", description, HelpsClean, "corrupt-less-clean");

    /// <summary>The sign.</summary>
    public ScoreSign Of(ParseResult parse) => parse.GetValue(Option) == HelpsClean ? ScoreSign.HelpsClean : ScoreSign.CorruptLessClean;
}
