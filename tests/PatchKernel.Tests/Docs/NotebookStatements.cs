namespace PatchKernel.Tests.Docs;

/// <summary>What the first three notebooks say of the small model.</summary>
internal static class NotebookStatements
{
    private const string First = "notebooks/01-activation-patching.dib", Second = "notebooks/02-your-own-prompts.dib", Third = "notebooks/03-attention-and-mlp.dib";
    private const string Pair = "einstein", Mine = Measured.Mine;

    public static Statement[] All { get; } =
    [
        new(First, "It is one of {=} × {=} places.", run => [run.Pair(Pair).Clean.Length, run.Mini.Config.NLayers]),
        new(First, "every token and every layer: {=} patched runs", run => [run.Sweep(Pair).NormalisedScore.Length]),
        new(First, "The logit of \" Isaac\" is {=} in the clean run and {=} in the corrupt one: a gap of {=} by `target_logit`.",
            run => [run.Runs(Pair).Clean.CleanTarget, run.Runs(Pair).Corrupt.CleanTarget, run.Runs(Pair).Gap(Metric.TargetLogit)]),
        new(First, "`logit_diff` it is {=}, since there", run => [run.Runs(Pair).Gap(Metric.LogitDiff)]),
        new(First, "It does, with {=} % instead of {=} %", run => [100 * Halved(run), 100 * run.Mini.Predict(run.Pair(Pair).Clean).Best[0].Probability]),
        new(First, "In layers {=} to {=} \" Einstein\" carries the answer, {>} and more.",
            run => [run.Subject(Pair)[0], run.Subject(Pair)[^1], run.Subject(Pair).Min(layer => run.Sweep(Pair).Score(layer, 15))]),
        new(First, "In layers {=} and {=} \" Einstein\" no longer matters", run => [run.Middle(Pair)[0], run.Middle(Pair)[^1]]),
        new(First, "\" Newton\" has {=} and \" Jackson\" {=}.", run => [run.Score(Activation.ResidPost, 3, " Newton"), run.Score(Activation.ResidPost, 3, " Jackson")]),
        new(First, "From layer {=} on \":\" carries it, {=}, and", run => [run.Last(Pair)[0], run.Score(Activation.ResidPost, 5, ":")]),
        new(First, "\" Isaac\" comes up to {=} %, beside", run => [Percent(run, Pair, 3, " Newton")]),
        new(First, "with \" Newton\" alone \" Isaac\" had {=} %", run => [Percent(run, Pair, 3, " Newton")]),
        new(First, "\" Einstein\" in layers {=} to {=}, \" is\" from layer {=} on.", run => [run.Subject("similar")[0], run.Subject("similar")[^1], run.Last("similar")[0]]),
        new(First, "\" Albert\" ({=} in the first layers) and \" Einstein\" ({=})", run => [run.Stored.Score(0, 17), run.Stored.Score(0, 18)]),

        new(Second, "\" Curie\" in layers {=} to {=}, the two options in layers {=} and {=} (\" Planck\" {=}, \" Dickens\" {=}), the last token from layer {=} on.",
            run => [run.Subject(Mine)[0], run.Subject(Mine)[^1], .. Measured.Dark(run.Sweep(Mine), Planck), run.Sweep(Mine).Score(3, Planck), run.Sweep(Mine).Score(3, Dickens), run.Last(Mine)[0]]),
        new(Second, "nearly everything is dark: {=}, there", run => [Middle(Noised(run).NormalisedScore)]),
        new(Second, "noising leaves {=} at \" Planck\" and {=} at \" Dickens\", where denoising brought back {=} and {=}.",
            run => [Noised(run).Score(3, Planck), Noised(run).Score(3, Dickens), run.Sweep(Mine).Score(3, Planck), run.Sweep(Mine).Score(3, Dickens)]),
        new(Second, "{=} at \" Planck\" and {=} at \" Dickens\". With both options marked \" Max\" comes up to {=} %",
            run => [run.Sweep(Mine).Score(3, Planck) - Diff(run).Score(3, Planck), run.Sweep(Mine).Score(3, Dickens) - Diff(run).Score(3, Dickens), 100 * Raw(run, Metric.Probability, 3)]),
        new(Second, "the balance of the two has moved: {=} and {=}.", run => [Diff(run).Score(3, Planck), Diff(run).Score(3, Dickens)]),
        new(Second, "{=} and {=} in layers 3 and 4, where the logit had come back by {=} and {=}.",
            run => [Raw(run, Metric.Probability, 3), Raw(run, Metric.Probability, 4), run.Sweep(Mine).Score(3, Planck), run.Sweep(Mine).Score(4, Planck)]),
        new(Second, "{=} nats are left at \" Planck\" in layer 3, of {=}.", run => [Raw(run, Metric.Kl, 3), Raw(run, Metric.Kl, 7)]),
        new(Second, "the bands are narrow, {=} either way at most", run => [Band(Average(run))]),
        new(Second, "the average of all eleven is {=}.", run => [Average(run).Mean[Average(run).Rows.ToList().IndexOf("tokens between") * 8 + 3]]),

        new(Third, "at \" Einstein\" in layer 0 ({=}), at \" Newton\" and \" Jackson\" in layer 3 ({=}, {=}), at \":\" in layer 5 ({=}).",
            run => [run.Score(Activation.AttnOut, 0, " Einstein"), run.Score(Activation.AttnOut, 3, " Newton"), run.Score(Activation.AttnOut, 3, " Jackson"), run.Score(Activation.AttnOut, 5, ":")]),
        new(Third, "in layer 0 ({=}) and layer 1 ({=}), and next to nothing elsewhere.", run => [run.Score(Activation.MlpOut, 0, " Einstein"), run.Score(Activation.MlpOut, 1, " Einstein")]),
        new(Third, "{=} of attention and {=} of the MLP in layer 0", run => [run.Score(Activation.AttnOut, 0, " Einstein"), run.Score(Activation.MlpOut, 0, " Einstein")]),
        new(Third, "the MLP of layer 2 alone scores {=}.", run => [run.Score(Activation.MlpOut, 2, " Einstein")]),
        new(Third, "{=}, and not because layer 2 matters", run => [run.Score(Activation.MlpOut, 2, " Einstein", window: 3)]),
        new(Third, "Layer 3 has lost it, and scores {=} again.", run => [run.Score(Activation.MlpOut, 3, " Einstein", window: 3)]),
        new(Third, "All four: {=}, {=}, {=} and {=}. Patched together they are attention as a whole, {=}.", run => [.. Enumerable.Range(0, 4).Select(head => run.Head(5, head)), run.Score(Activation.AttnOut, 5, ":")]),
        new(Third, "In layer 3 head 2 does most ({=}) and head 1 helps ({=}), in layer 0 head 3 ({=}).", run => [run.Head(3, 2), run.Head(3, 1), run.Head(0, 3)]),
        new(Third, "\" Newton\", with a weight of {=}", run => [run.Weight(5, 3, ":", " Newton")]),
        new(Third, "the row of \" Newton\" is dark at \" Einstein\" ({=}).", run => [run.Weight(3, 2, " Newton", " Einstein")]),
        new(Third, "nothing by the pattern, {=} by the values of value head 1", run => [run.Sweep(Pair, Activation.V).Score(3, 1)]),
        new(Third, "up to {=} by the pattern and {=} by the keys", run => [Rows(run.Sweep(Pair, Activation.Pattern), 5).Max(), Rows(run.Sweep(Pair, Activation.K), 5).Max()]),
        new(Third, "far apart ({=} and {=}), and they end at {=} and {=}.", run => [run.Lens(5).Clean, run.Lens(5).Corrupt, run.Lens(7).Clean, run.Lens(7).Corrupt]),
        new(Third, "in layer 0 head 3 reaches {=} alone, and all of attention {=}.", run => [run.Head(0, 3), run.Score(Activation.AttnOut, 0, " Einstein")]),
    ];

    // The positions of the options' last names in the pair of the second notebook.
    private const int Dickens = 18, Planck = 21;

    private static SweepResult Noised(Measured run) => run.Sweep(Mine, direction: Direction.Noising);

    private static SweepResult Diff(Measured run) => run.Sweep(Mine).By(Metric.LogitDiff);

    private static SweepAverage Average(Measured run) => SweepAverage.Of([.. new[] { Mine, "surname", "moon", "concert" }.Select(pair => run.Sweep(pair))]);

    private static double Raw(Measured run, Metric metric, int layer) =>
        Sweep.Run(run.Mini, run.Pair(Mine), new SweepOptions { Metrics = [metric] }).Raw(metric)[layer * run.Pair(Mine).Clean.Length + Planck];

    // The probability of the clean target where one token of the tutorial's pair is patched, in per cent.
    private static double Percent(Measured run, string pair, int layer, string token) => 100 * Sweep.Run(run.Mini, run.Pair(pair), new SweepOptions { Metrics = [Metric.Probability] })
        .Raw(Metric.Probability)[layer * run.Pair(pair).Clean.Length + run.Row(token)];

    private static double Halved(Measured run) => run.Mini.Predict(run.Pair(Pair).Clean, Tap.Replace(Activation.AttnOut, layer: 5, value => value * 0.5)).Best[0].Probability;

    private static double Middle(float[] scores) => scores.Order().ElementAt(scores.Length / 2);

    private static double Band(SweepAverage average) => average.Upper.Zip(average.Lower, (upper, lower) => (upper - lower) / 2).Max();

    private static IEnumerable<double> Rows(SweepResult result, int layer) => Enumerable.Range(0, result.Shape[1]).Select(row => (double)result.Score(layer, row));
}
