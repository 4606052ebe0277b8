using System.Text.RegularExpressions;
using PatchKernel.Prompts;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>A prompt pair as <c>prompts.json</c> has it, in texts, not in tokens.</summary>
public sealed partial record PairDefinition
{
    /// <summary>What the pair is called on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence on what the pair is for, or null.</summary>
    public string? Note { get; init; }

    /// <summary>The models that it is for, and what they answer; empty if none has been tried.</summary>
    public IReadOnlyList<PairModel> Models { get; init; } = [];

    /// <summary>The prompt's text with the places <c>{subject}</c> and, where there are options, <c>{options}</c>; by default the subject is the whole prompt.</summary>
    public string Template { get; init; } = SubjectPlace;

    /// <summary>What <c>{options}</c> lists, with commas between; empty where the template has no such place.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The clean prompt's subject and answer.</summary>
    public required PairSide Clean { get; init; }

    /// <summary>The corrupt prompt's subject and answer.</summary>
    public required PairSide Corrupt { get; init; }

    /// <summary>The clean prompt.</summary>
    public string CleanText => Filled(Clean).Text;

    /// <summary>The corrupt prompt.</summary>
    public string CorruptText => Filled(Corrupt).Text;

    /// <summary>What a model answers; null if the pair's file doesn't name the model.</summary>
    /// <param name="model">The model's name on the hub, or its folder's or file's.</param>
    public PairModel? For(string model) => Models.FirstOrDefault(known => known.Is(model));

    /// <summary>Whether both sides have a target: a sweep measures them, and a check does without.</summary>
    public bool HasTargets => Clean.Target is not null && Corrupt.Target is not null;

    /// <summary>The name, what it is for, and what differs.</summary>
    public override string ToString() => $"{Name}: {(Note is null ? "" : $"{Note} ")}{Clean}, {Corrupt}";

    /// <summary>Where a template has the subject.</summary>
    internal const string SubjectPlace = "{subject}";

    /// <summary>What is wrong with the definition, as the end of a sentence, or null.</summary>
    internal string? Fault()
    {
        var places = Place().Matches(Template).Select(match => match.Value).ToHashSet();
        if (places.FirstOrDefault(place => place is not (SubjectPlace or "{options}")) is { } unknown)
            return $"has the unknown place {unknown} in its template; there are {{subject}} and {{options}}";
        if (!places.Contains(SubjectPlace)) return "has no {subject} in its template, so both prompts would be the same";
        if (places.Contains("{options}") && Options.Count == 0) return "has {options} in its template but no options";
        if (!places.Contains("{options}") && Options.Count > 0) return "has options but no {options} in its template";
        if (Models.FirstOrDefault(model => Models.Count(other => other.Is(model.Name)) > 1) is { } twice) return $"names the model '{twice.Name}' twice";
        if (Clean.Subject == Corrupt.Subject)
            return Template == SubjectPlace ? "has the same clean and corrupt prompt" : $"has the same clean and corrupt subject, '{Clean.Subject}'";
        return Clean.Targets.Intersect(Corrupt.Targets).FirstOrDefault() is { } same ? $"has the same clean and corrupt target, '{same}'" : null;
    }

    /// <summary>The models' answers, as long as the prompts are the file's; none once a copy has changed them.</summary>
    internal IReadOnlyList<PairModel> KnownAnswers => Asked is null || Asked == (CleanText, CorruptText) ? Models : [];

    /// <summary>The prompts that <see cref="Models"/> is about; null for those at hand.</summary>
    internal (string Clean, string Corrupt)? Asked { get; init; }

    /// <summary>A side's prompt; what a template's places hold are spans, <c>subject</c> and <c>options[0]</c> on.</summary>
    internal SpannedText Filled(PairSide side) => Template == SubjectPlace ? new(side.Subject, new Dictionary<string, TextRange>())
        : SpannedText.Fill(Template, Place(), place => place == SubjectPlace ? [("subject", side.Subject)] : Options.Select((option, i) => ($"options[{i}]", option)));

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Place();
}

/// <summary>One side of a pair.</summary>
/// <param name="Subject">What stands at the template's <c>{subject}</c>.</param>
/// <param name="Target">The answer, or the first of several; its first token is measured, so its leading space counts. Null where nothing is measured.</param>
public sealed record PairSide(string Subject, string? Target = null)
{
    /// <summary>Further right answers; empty where there is one.</summary>
    public IReadOnlyList<string> FurtherTargets { get; init; } = [];

    /// <summary>Every right answer.</summary>
    public IReadOnlyList<string> Targets => Target is null ? [] : [Target, .. FurtherTargets];

    /// <summary>The subject and, where there are some, the answers.</summary>
    public override string ToString() => Target is null ? Subject : $"{Subject} → {Answers}";

    internal string Answers => string.Join(" or ", Targets.Select(Quoted.Text));
}
