using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>What <c>attribute --site</c> estimates: the cells of a sweep.</summary>
/// <param name="shared">The options that edges have too.</param>
internal sealed class NodeOptions(AttributeOptions shared) : GridOptions
{
    private static readonly string[] Methods = [SweepMethod.Atp.Name(), SweepMethod.Ig.Name()];

    private readonly Option<string?> fix = CreateFix();
    private readonly Option<long?> memory = MemoryOption.Create(
        "Of cells, the memory that the estimate may take beside the weights; by default seven tenths of what is free. With less, layers are computed twice.");

    /// <summary>The options that edges don't have, beside the site.</summary>
    public IReadOnlyList<Option> Own => [.. Sites.Others, fix, memory];

    protected override SiteOptions Sites { get; } = new("Estimate the cells of a sweep of this site, and not edges.", hasDefault: false);

    /// <summary>The site's own option.</summary>
    public Option<string> Site => Sites.Site;

    /// <summary>The option of positions, which edges have too.</summary>
    public Option Positions => Sites.Positions;

    /// <summary>Fails where edges are asked for position by position.</summary>
    public void RefuseEach(ParseResult parse) => Sites.RefuseEach(parse);

    public override int Seed(ParseResult parse) => shared.SeedOf(parse);

    /// <summary>Whether a method is one of cells.</summary>
    public static bool IsOfCells(string method) => Methods.Contains(method);

    public override void CheckTogether(ParseResult parse, bool draws)
    {
        var method = MethodOf(parse);
        if (method == "exact") throw new UsageException($"{Sites.Site.Name} with {shared.Method.Name} exact is what `patchkernel sweep` does; run that, or estimate by {string.Join(" or ", Methods)}");
        if (!IsOfCells(method)) throw new UsageException($"{shared.Method.Name} {method} is for edges; with {Sites.Site.Name} there are {string.Join(" and ", Methods)}");
        if (method != SweepMethod.Ig.Name() && ((Option[])[shared.Steps, shared.Points]).FirstOrDefault(parse.Has) is { } ofPath)
            throw new UsageException($"{ofPath.Name} goes with {shared.Method.Name} {SweepMethod.Ig.Name()}");
        if (parse.Has(shared.Seed) && !draws && !Sites.Draws(parse) && parse.GetValue(shared.Check) == 0)
            throw new UsageException($"{shared.Seed.Name} goes with {shared.Check.Name}, --source noise or --sample: nothing else is drawn");
        base.CheckTogether(parse, draws);
    }

    protected override SweepOptions Options(ParseResult parse, Func<PatchSource> mean) => Sites.Read(parse, Seed(parse), mean) with
    {
        Direction = shared.DirectionOf(parse),
        Metrics = OptionOf.MetricsIn(parse.GetValue(shared.Metric)) ?? [Metric.LogitDiff],
        Method = MethodOf(parse) == SweepMethod.Ig.Name() ? SweepMethod.Ig : SweepMethod.Atp,
        Estimate = new()
        {
            Steps = parse.GetValue(shared.Steps) ?? new EstimateOptions().Steps,
            Points = shared.PointsOf(parse),
            Fixes = Split(parse.GetValue(fix)).Aggregate(EstimateFixes.None, (fixes, name) => fixes | EstimateOptions.FixOf(name)!.Value),
            Check = parse.GetValue(shared.Check) ?? new EstimateOptions().Check,
        },
        Seed = Seed(parse),
        Memory = parse.GetValue(memory),
    };

    // Without a word edges are estimated by eap-ig, and cells by atp.
    private string MethodOf(ParseResult parse) => parse.Has(shared.Method) ? parse.GetValue(shared.Method)! : SweepMethod.Atp.Name();

    private static Option<string?> CreateFix()
    {
        var option = OptionOf.Text(
            "--fix", "A,B", $"Of cells, what is done about known faults of the gradient: {EstimateOptions.SoftmaxName} takes queries and keys through the softmax exactly, {EstimateOptions.GradDropName} leaves out one layer after another.");
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [var token]) return;
            var names = Split(token.Value);
            if (names.Length == 0 || names.Any(name => EstimateOptions.FixOf(name) is null))
                result.AddError($"{option.Name} has no '{names.FirstOrDefault(name => EstimateOptions.FixOf(name) is null)}'; choose {EstimateOptions.SoftmaxName}, {EstimateOptions.GradDropName}, or both with a comma between");
        });
        return option;
    }

    private static string[] Split(string? names) => names?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
