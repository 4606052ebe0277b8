using System.CommandLine;
using System.Globalization;

namespace PatchKernel.Cli;

/// <summary>The kinds of options there are; what can't be read is refused here, with what could be.</summary>
internal static class OptionOf
{
    /// <summary>A text, a name or a path.</summary>
    public static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    /// <summary>One of a few words; the first is the default.</summary>
    public static Option<string> Words(string name, string description, params IReadOnlyList<string> words)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => words[0],
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !words.Contains(token.Value))
                result.AddError($"{name} has no '{token.Value}'; choose one of {string.Join(", ", words)}");
        });
        return option;
    }

    /// <summary>A whole number of a range.</summary>
    public static Option<int?> Count(string name, string value, string description, int least = 1, int most = int.MaxValue)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = value };
        RefuseOthers(option, least, most);
        return option;
    }

    /// <summary>Refuses anything but a whole number of a range.</summary>
    public static void RefuseOthers(Option option, int least, int most)
    {
        var range = most == int.MaxValue && least >= 0 ? $"a number from {least} on" : FormattableString.Invariant($"a number from {least} to {most}");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && (!int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) || count < least || count > most))
                result.AddError($"{option.Name} takes {range}, and '{token.Value}' is none");
        });
    }

    /// <summary>A number above 0, or from a least one on, up to a limit.</summary>
    public static Option<double> Amount(string name, string value, string description, double usual, double most, double? least = null) => new(name)
    {
        Description = description,
        HelpName = value,
        Arity = ArgumentArity.ExactlyOne,
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (least is null ? (float)number > 0 : number >= least) && number <= most)
                return number;
            var range = least is null ? "above 0 and up to" : FormattableString.Invariant($"from {least} to");
            result.AddError(FormattableString.Invariant($"{name} takes a number {range} {most}, and '{text}' is none"));
            return usual;
        },
    };

    /// <summary>A number of either sign.</summary>
    public static Option<double?> Number(string name, string value, string description) => new(name)
    {
        Description = description,
        HelpName = value,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite((float)number)) return number;
            result.AddError($"{name} takes a number, and '{text}' is none");
            return null;
        },
    };

    /// <summary>One metric; logit_diff by default.</summary>
    public static Option<string> Metric(string description) =>
        Words("--metric", description, [PatchKernel.Metric.LogitDiff.Name, .. PatchKernel.Metric.All.Select(metric => metric.Name).Where(name => name != PatchKernel.Metric.LogitDiff.Name)]);

    /// <summary>One metric or several, with commas between.</summary>
    /// <param name="usual">Those that are measured by default.</param>
    /// <param name="description">What they are for.</param>
    public static Option<string?> Metrics(IReadOnlyList<Metric> usual, string description)
    {
        var option = Text("--metric", "A,B", $"{description}, by default {Names(usual)}: the first is drawn, all go into the result file. There are {Names(PatchKernel.Metric.All)}.");
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [var token]) return;
            var names = Split(token.Value);
            if (names.Length == 0) result.AddError($"--metric names none; choose from {Names(PatchKernel.Metric.All)}");
            else if (names.FirstOrDefault(name => PatchKernel.Metric.All.All(metric => metric.Name != name)) is { } unknown)
                result.AddError($"--metric has no '{unknown}'; choose one of {Names(PatchKernel.Metric.All)}, or several with commas between");
            else if (names.FirstOrDefault(name => names.Count(other => other == name) > 1) is { } twice)
                result.AddError($"--metric has '{twice}' twice; name it once");
        });
        return option;
    }

    /// <summary>The metrics of <see cref="Metrics"/>; null for the usual ones.</summary>
    public static IReadOnlyList<Metric>? MetricsIn(string? names) => names is null ? null : [.. Split(names).Select(PatchKernel.Metric.Parse)];

    /// <summary>Ids with commas between.</summary>
    public static Option<int[]?> Ids(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "1,2,3",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            var parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
            var ids = new int[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out ids[i])) continue;
                result.AddError($"{name} takes ids with commas between, such as 1,2,3, and '{parts[i]}' is none");
                return null;
            }
            return ids;
        },
    };

    private static string Names(IEnumerable<Metric> metrics) => string.Join(", ", metrics.Select(metric => metric.Name));

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether an option is on the command line; a list that isn't there reads as an empty one.</summary>
    public static bool Has(this ParseResult parse, Option option) => parse.GetResult(option) is { Implicit: false };
}
