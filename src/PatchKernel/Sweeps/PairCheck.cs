using PatchKernel.Prompts;
using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>What can be said of a prompt pair before it is swept.</summary>
/// <remarks><c>ToString</c> shows both tokenizations where they differ, then the findings.</remarks>
public sealed partial class PairCheck
{
    private PairCheck(PromptPair pair, IReadOnlyList<Finding> findings) => (Pair, Findings) = (pair, findings);

    /// <summary>The pair that was checked.</summary>
    public PromptPair Pair { get; }

    /// <summary>What was found; empty where all is well.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Whether a sweep would refuse the pair.</summary>
    public bool HasErrors => Findings.Any(finding => finding.Severity == Severity.Error);

    /// <summary>Checks prompts and targets; nothing runs.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="vocabularySize">The model's d_vocab; null leaves the ids' range unchecked.</param>
    /// <param name="bosId">The token that the tokenizer's template puts first; null where it adds none.</param>
    /// <param name="byRole">Whether the pair is for a sweep by roles, whose prompts may be of unequal length.</param>
    public static PairCheck Run(PromptPair pair, int? vocabularySize = null, int? bosId = null, bool byRole = false) =>
        new(pair,
        [
            .. PairFindings.OfPrompts(pair, byRole), .. PairFindings.OfTargets(pair), .. PairFindings.OfIds(pair, vocabularySize, bosId),
            .. PromptFindings.OfPair(pair, bosId),
        ]);

    /// <summary>What can be said of one prompt alone; empty where all is well.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="bosId">The token that the tokenizer's template puts first; null where it adds none.</param>
    public static IReadOnlyList<Finding> OfPrompt(Prompt prompt, int? bosId = null) =>
        [.. PromptFindings.OfPrompt(prompt, bosId).Select(message => new Finding(Severity.Warning, message))];

    /// <summary>Checks prompts and targets and, where a sweep could start, runs both prompts and looks at the gap.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="model">The model that would be swept.</param>
    /// <param name="metric">The metric whose gap is looked at; the clean target's logit by default.</param>
    /// <param name="byRole">Whether the pair is for a sweep by roles, whose prompts may be of unequal length.</param>
    /// <remarks>Where the pair's file says what this model answers, the runs are compared with that too.</remarks>
    public static PairCheck Run(PromptPair pair, LanguageModel model, Metric? metric = null, bool byRole = false)
    {
        var check = Run(pair, model.Config.DVocab, model.Tokenizer?.BosId, byRole);
        return check.HasErrors ? check : check.WithRuns(Baseline.Run(model, pair, metric ?? Metric.TargetLogit), metric ?? Metric.TargetLogit, model.Name);
    }

    /// <summary>This check's findings and those on the two unpatched runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="metric">The metric whose gap is looked at.</param>
    /// <param name="model">Whose runs they are, to be compared with what the pair's file expects of it; null compares nothing.</param>
    public PairCheck WithRuns(Baseline runs, Metric metric, string? model = null) =>
        new(Pair,
        [
            .. Findings, .. RunFindings.OfGap(Pair, runs, metric), .. RunFindings.OfCorruptRun(Pair, runs, model),
            .. RunFindings.OfAnswers(Pair, runs, model),
        ]);

    /// <summary>Throws the first error; warnings pass.</summary>
    /// <exception cref="PatchKernelException">The pair has an error.</exception>
    public PairCheck ThrowIfErrors() =>
        Findings.FirstOrDefault(finding => finding.Severity == Severity.Error) is { } error
            ? throw new PatchKernelException(error.Message)
            : this;

    /// <summary>Both tokenizations side by side where they differ, one position a line.</summary>
    public string Tokenizations => string.Join('\n', new TokenDifference(Pair).Lines());

    /// <summary>Both tokenizations where they differ, then the findings, a line each.</summary>
    public override string ToString() => string.Join('\n', [Tokenizations, .. Findings.Select(finding => finding.ToString())]);
}
