namespace PatchKernel.Tests.Docs;

/// <summary>What the notebook on circuits says of the small model's edges.</summary>
internal static class CircuitStatements
{
    private const string Sixth = "notebooks/06-circuits.dib";

    private static readonly Edge First = new("embed", "L0.v.0"), Second = new("L0.mlp", "L1.mlp"), Together = new("L0.head.3", "L0.mlp");

    public static Statement[] All { get; } =
    [
        new(Sixth, "logit difference between \" Isaac\" and \" Michael\": {=} in the corrupt run, {=} in the clean one", run => [run.Runs("einstein").Corrupt.Of(Metric.LogitDiff), run.Runs("einstein").Clean.Of(Metric.LogitDiff)]),
        new(Sixth, "a correlation of {=}, and the right sign for {=} of {=}.", run => Check(run) is var check ? [check.Pearson, check.SameSign, check.Count] : []),
        new(Sixth, "L0.mlp → L1.mlp, has an effect of {=} logits, and its estimate is {=}.", run => [Exact(run, Second), Score(Eap(run), Second)]),
        new(Sixth, "embed → L0.v.0 is worth {=} logits and was estimated at {=}, L0.mlp → L1.mlp is worth {=} and was estimated at {=}.",
            run => [Exact(run, First), Score(Eap(run), First), Exact(run, Second), Score(Eap(run), Second)]),
        new(Sixth, "From twenty points on the mean stays where it is, at {=}.", run => [Score(EapIg(run, 20), First)]),
        new(Sixth, "Nor is {=} the exact effect, {=}, however many points there are.", run => [Score(EapIg(run, 100), First), Exact(run, First)]),
        new(Sixth, "grows, from {=} to {=}, while", run => [Correlation(run, Eap(run)), Correlation(run, EapIg(run))]),
        new(Sixth, "rank badly: {=} % of the answer with 10 % of the edges, and {=} % with half of them.", run => [100 * Faithful(run, run.Edges(Direction.Denoising), 0.1), 100 * Faithful(run, run.Edges(Direction.Denoising), 0.5)]),
        new(Sixth, "L0.head.3 → L0.mlp is worth {=} logits alone, and EAP-IG gives it {=}:", run => [Exact(run, Together), Score(EapIg(run), Together)]),
        new(Sixth, "L0.head.3 → L0.mlp, {=} by denoising, is {=} by noising.", run => [Exact(run, Together), Score(run.Edges(Direction.Noising), Together)]),
        new(Sixth, "Faithfulness {=}, with a 95 % interval over pairs of {=} to {=}, with {=} of 1,405 edges;", Unseen),
    ];

    private static Agreement Check(Measured run) => EstimateCheck.Run(run.Mini, Eap(run)).OfLargest!;

    private static EdgeResult Eap(Measured run) => EdgeAttribution.Run(run.Mini, run.Pair("einstein"), new() { Metric = Metric.LogitDiff });

    private static EdgeResult EapIg(Measured run, int steps = 5) => EdgeAttribution.Run(run.Mini, run.Pair("einstein"), OptionsOf(steps));

    private static AttributionOptions OptionsOf(int steps) => new() { Metric = Metric.LogitDiff, Method = EdgeMethod.EapIg, Steps = steps };

    private static double Exact(Measured run, Edge edge) => Score(run.Edges(Direction.Denoising), edge);

    private static double Score(EdgeResult result, Edge edge) => result.Scores()[result.Edges.ToList().IndexOf(edge)];

    private static double Correlation(Measured run, EdgeResult estimate) => Agreement.Of(estimate.Scores(), run.Edges(Direction.Denoising).Scores()).Pearson;

    private static double Faithful(Measured run, EdgeResult result, double share) =>
        FaithfulnessCurve.Run(run.Mini, [run.Pair("einstein")], result.Scores(), new() { Shares = [share, 1], RandomCircuits = 0 }).Faithfulness[0];

    private static double[] Unseen(Measured run)
    {
        var rows = ExperimentData.Load(TestData.InRepository("data", "mini-pairs.jsonl"), new DataSelection { Limit = 40 }).Rows;
        PromptPair[] pairs = [.. rows.Select(row => row.In(run.Mini.Tokenizer!))];
        var mean = EdgeAttribution.Run(run.Mini, pairs[..20], OptionsOf(5));
        var tested = CircuitTest.Run(run.Mini, pairs[20..], CircuitSelection.Top(new EdgeGraph(run.Mini.Config), mean.Scores(), 140).Pruned(), new() { ConnectRandomCircuits = true, Minimality = 0 });
        Assert.All([.. tested.RandomCircuits, tested.WithoutCircuit], share => Assert.Equal(0, share, 1e-2f)); // "do nothing"
        return [tested.Faithfulness, tested.FaithfulnessLower, tested.FaithfulnessUpper, tested.Circuit.Count];
    }
}
