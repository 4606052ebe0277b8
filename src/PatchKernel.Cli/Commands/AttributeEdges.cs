using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel attribute</c> without a site: the edges of a model's graph, of one pair or over several rows of a data file.</summary>
/// <param name="shared">The options that cells have too.</param>
/// <param name="own">The options that only edges have.</param>
/// <param name="models">Which model.</param>
/// <param name="pairs">Which pair.</param>
/// <param name="data">Which rows.</param>
/// <param name="files">What is written.</param>
/// <param name="terminal">What else is shown.</param>
internal sealed class AttributeEdges(AttributeOptions shared, EdgeOptions own, ModelOptions models, PairOptions pairs, DataOptions data, OutputFiles files, Terminal terminal)
{
    /// <summary>The method that is no estimate.</summary>
    public const string Exact = "exact";

    /// <summary>How many edges are shown, and checked, where it isn't said.</summary>
    public const int UsualTop = 20, UsualCheck = 50;

    /// <summary>Scores the edges.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="roles">What stands at the positions at which edges are patched; null for all.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The command's exit code.</returns>
    public int Run(ParseResult parse, IReadOnlyList<TokenRole>? roles, CancellationToken cancel)
    {
        CheckTogether(parse);
        var (measured, set) = (Measured(parse), PairSet.Read(parse, pairs, data, shared.SeedOf(parse)));
        files.Probe(parse);
        files.RefuseInputs(parse, [models.Folder(parse), .. set.Inputs]);
        var beside = files.Beside(parse, terminal);
        using var checkpoint = models.Open(parse, beside, set.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location);
        set.Find(parse, checkpoint, beside, measured, roles);
        if (!IsExact(parse)) EdgeAttribution.CheckGradients([measured], set.Pairs[0], checkpoint.Config.DVocab);
        using var model = models.Load(parse, checkpoint, beside);
        set.Run(parse, model, beside, cancel);
        RunView.Labelled(beside, "model", $"{model.Name}, {new EdgeGraph(model.Config)}, computed in {model.Summary.Dtype}");

        var (scored, check) = set.IsSeveral ? OfSeveral(parse, model, set.Pairs, measured, roles, beside, cancel) : OfOne(parse, model, set.Pairs[0], measured, roles, beside, cancel);
        var view = new EdgeView(scored, check, parse.GetValue(own.Top) ?? UsualTop);
        view.Show(beside);
        cancel.ThrowIfCancellationRequested();
        return files.Write(
            parse, scored.ToJson, view.Chart(files.Font(parse)), terminal, beside, (own.EapIg, () => EapIgGraph.Of(model.Config, scored.Scores(), sign: own.Sign.Of(parse)).ToJson())) ? 0 : 1;
    }

    private void CheckTogether(ParseResult parse)
    {
        var name = parse.GetValue(shared.Method)!;
        Refuse(own.At, name == "eap", "--method eap");
        Refuse(shared.Points, name == "eap-ig", "--method eap-ig");
        Refuse(shared.Steps, name.StartsWith("eap-ig", StringComparison.Ordinal), "--method eap-ig");
        Refuse(shared.Check, name != Exact, "an estimate, and exact effects are what it is checked against");
        Refuse(shared.Seed, (name != Exact && parse.GetValue(shared.Check) != 0) || data.Draws(parse), "--check or --sample, and nothing is drawn without them");

        void Refuse(Option option, bool fits, string with)
        {
            if (parse.Has(option) && !fits) throw new UsageException($"{option.Name} goes with {with}");
        }
    }

    private Metric Measured(ParseResult parse) => OptionOf.MetricsIn(parse.GetValue(shared.Metric)) switch
    {
        null => Metric.LogitDiff,
        [{ CleanIs: CleanIs.Neither } named] => throw new UsageException($"{shared.Metric.Name} {named.Name} is no amount that an edge could raise or lower; take another"),
        [var one] => one,
        _ => throw new UsageException($"{shared.Metric.Name} names several, and edges are measured by one; give one"),
    };

    private (ScoredGraph Scored, EstimateCheck? Check) OfOne(
        ParseResult parse, LanguageModel model, PromptPair pair, Metric measured, IReadOnlyList<TokenRole>? roles, Terminal beside, CancellationToken cancel)
    {
        var result = ProgressBars.Counted(beside, "edges", progress => IsExact(parse)
            ? PathPatching.Run(model, pair, Paths(parse, measured, roles), progress, cancel) : EdgeAttribution.Run(model, pair, Estimates(parse, measured, roles), progress, cancel));
        var check = Checked(parse, beside, result.Edges.Count, (count, progress) => EstimateCheck.Run(model, result, count, shared.SeedOf(parse), progress, cancel));
        return (ScoredGraph.Of(result, model.Config, own.Sign.Of(parse), check?.Exact), check);
    }

    private (ScoredGraph Scored, EstimateCheck? Check) OfSeveral(
        ParseResult parse, LanguageModel model, IReadOnlyList<PromptPair> several, Metric measured, IReadOnlyList<TokenRole>? roles, Terminal beside, CancellationToken cancel)
    {
        var average = ProgressBars.Counted(beside, "edges", progress => IsExact(parse)
            ? PathPatching.Run(model, several, Paths(parse, measured, roles), progress, cancel) : EdgeAttribution.Run(model, several, Estimates(parse, measured, roles), progress, cancel));
        var check = Checked(parse, beside, average.Edges.Count, (count, progress) => EstimateCheck.Run(model, average, count, shared.SeedOf(parse), progress, cancel));
        return (ScoredGraph.Of(average, model.Config, own.Sign.Of(parse), check?.Exact), check);
    }

    private EstimateCheck? Checked(ParseResult parse, Terminal beside, int edges, Func<int, IProgress<SweepProgress>?, EstimateCheck> run)
    {
        var count = IsExact(parse) ? 0 : Math.Min(parse.GetValue(shared.Check) ?? UsualCheck, edges);
        return count == 0 ? null : ProgressBars.Counted(beside, "check", progress => run(count, progress));
    }

    private PathOptions Paths(ParseResult parse, Metric measured, IReadOnlyList<TokenRole>? roles) => new() { Metric = measured, Direction = shared.DirectionOf(parse), Roles = roles };

    private AttributionOptions Estimates(ParseResult parse, Metric measured, IReadOnlyList<TokenRole>? roles) => new()
    {
        Method = parse.GetValue(shared.Method) switch { "eap" => EdgeMethod.Eap, "eap-ig" => EdgeMethod.EapIg, _ => EdgeMethod.EapIgActivations },
        At = parse.GetValue(own.At) switch { "clean" => GradientAt.Clean, "both" => GradientAt.Both, _ => GradientAt.Corrupt },
        Points = shared.PointsOf(parse),
        Steps = parse.GetValue(shared.Steps) ?? 5,
        Direction = shared.DirectionOf(parse),
        Metric = measured,
        Roles = roles,
    };

    private bool IsExact(ParseResult parse) => parse.GetValue(shared.Method) == Exact;
}
