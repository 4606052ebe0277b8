namespace PatchKernel.Tests.Docs;

/// <summary>What the first three notebooks say of the small model.</summary>
internal static class NotebookStatements
{
    private const string First = "notebooks/01-activation-patching.dib", Second = "notebooks/02-your-own-prompts.dib", Third = "notebooks/03-attention-and-mlp.dib";
    private const string Pair = "einstein";

    public static Statement[] All { get; } =
    [
        new(First, "It is one of {=} × {=} places.", run => [run.Pair(Pair).Clean.Length, run.Mini.Config.NLayers]),
        new(First, "every token and every layer: {=} patched runs", run => [run.Sweep(Pair).NormalisedScore.Length]),
        new(First, "The logit of \" Isaac\" is {=} in the clean run and {=} in the corrupt one: a gap of {=} by `target_logit`.",
            run => [run.Runs(Pair).Clean.CleanTarget, run.Runs(Pair).Corrupt.CleanTarget, run.Runs(Pair).Gap(Metric.TargetLogit)]),
        new(First, "`logit_diff` it is {=}, since there", run => [run.Runs(Pair).Gap(Metric.LogitDiff)]),
        new(First, "In layers {=} to {=} \" Einstein\" carries the answer: {>} and more. From layer {=} on the last token",
            run => [run.Subject(Pair)[0], run.Subject(Pair)[^1], run.Subject(Pair).Min(layer => run.Sweep(Pair).Score(layer, 15)), run.Last(Pair)[0]]),
        new(First, "the rows of \" Isaac\" and \" Newton\" stay below {<}", run => [Math.Max(run.Highest(Pair, " Isaac"), run.Highest(Pair, " Newton"))]),

        new(Second, "the subject's last token in layers {=} to {=}, the last token from layer {=} on.",
            run => [run.Subject(Measured.Mine)[0], run.Subject(Measured.Mine)[^1], run.Last(Measured.Mine)[0]]),
        new(Second, "nearly everything is dark: {=}, there", run => [Middle(run.Sweep(Measured.Mine, direction: Direction.Noising).NormalisedScore)]),
        new(Second, "nothing is further from 0 than {=}.", run => [Measured.Difference(run.Sweep(Measured.Mine), run.Sweep(Measured.Mine).By(Metric.LogitDiff))]),
        new(Second, "bands hardly wider than their lines, {=} either way at most", run => [Band(SweepAverage.Of([.. new[] { Measured.Mine, "surname", "moon", "concert" }.Select(pair => run.Sweep(pair))]))]),

        new(Third, "At \" Einstein\" attention writes in layer 0 alone ({=}), at \":\" in layer 4 ({=}) and, less, in layers 5 to 7 ({=}, {=}, {=}).",
            run => [run.Score(Activation.AttnOut, 0, " Einstein"), .. Enumerable.Range(4, 4).Select(layer => run.Score(Activation.AttnOut, layer, ":"))]),
        new(Third, "layer 0 above all ({=})", run => [run.Score(Activation.MlpOut, 0, " Einstein")]),
        new(Third, "{=} of attention and {=} of the MLP in layer 0", run => [run.Score(Activation.AttnOut, 0, " Einstein"), run.Score(Activation.MlpOut, 0, " Einstein")]),
        new(Third, "the MLPs of layers 0 to 2 together score {=}", run => [run.Score(Activation.MlpOut, 1, " Einstein", window: 3)]),
        new(Third, "cut to layers 0 and 1, and scores {=}.", run => [run.Score(Activation.MlpOut, 0, " Einstein", window: 3)]),
        new(Third, "head 0, {=}. In layers 5 to 7 several do a little, {=} at most. In layer 0 no single head reaches {<},",
            run => [run.Head(4, 0), Heads(run, 5, 7).Max(), Heads(run, 0, 0).Max()]),
        new(Third, "though attention as a whole scored {=}", run => [run.Score(Activation.AttnOut, 0, " Einstein")]),
        new(Third, "\" Einstein\", with a weight of {=}.", run => [run.Weight(4, 0, " Einstein")]),
        new(Third, "the last row is dark at \" Newton\" ({=})", run => [run.Weight(5, 0, " Newton")]),
        new(Third, "nothing by the pattern, {=} by the values", run => [Rows(run.Sweep(Pair, Activation.V), 4).Max()]),
        new(Third, "up to {=} by the pattern, nothing by the values", run => [Enumerable.Range(5, 3).SelectMany(layer => Rows(run.Sweep(Pair, Activation.Pattern), layer)).Max()]),
        new(Third, "value head 1 scores {=}, and the two heads that it serves, 2 and 3, scored {=} and {=} alone.",
            run => [run.Sweep(Pair, Activation.V).Score(0, 1), run.Head(0, 2), run.Head(0, 3)]),
        new(Third, "After layer 4 they begin to part ({=} and {=}), after layer 5 they are far apart ({=} and {=}), and they end at {=} and {=}.",
            run => [run.Lens(4).Clean, run.Lens(4).Corrupt, run.Lens(5).Clean, run.Lens(5).Corrupt, run.Lens(7).Clean, run.Lens(7).Corrupt]),
        new(Third, "at layer 4 the last token's stream scores {=} already", run => [run.Score(Activation.ResidPost, 4, ":")]),
    ];

    private static double Middle(float[] scores) => scores.Order().ElementAt(scores.Length / 2);

    private static double Band(SweepAverage average) => average.Upper.Zip(average.Lower, (upper, lower) => (upper - lower) / 2).Max();

    private static IEnumerable<double> Heads(Measured run, int first, int last) =>
        from layer in Enumerable.Range(first, last - first + 1) from head in Enumerable.Range(0, run.Mini.Config.NHeads) select run.Head(layer, head);

    private static IEnumerable<double> Rows(SweepResult result, int layer) => Enumerable.Range(0, result.Shape[1]).Select(row => (double)result.Score(layer, row));
}
