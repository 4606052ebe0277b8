using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Docs;

/// <summary>What the README and the model card say of the small model.</summary>
internal static class CardStatements
{
    private const string Readme = "README.md", Card = "models/mini/README.md";
    private const string Pair = "einstein";

    public static Statement[] All { get; } =
    [
        new(Card, "A model of {=} parameters", run => [ModelTree.Of(run.Mini.Config).Parameters]),
        new(Card, "{=} layers, d_model {=}, {=} heads over {=} key/value heads, d_head {=}, d_mlp {=}, rope theta {=}", run => Shape(run.Mini.Config)),
        new(Card, "{=} whole words", run => [run.Mini.Config.DVocab]),
        new(Card, "bfloat16, {=} bytes", _ => [new FileInfo(TestData.InRepository("models", "mini", "model.safetensors")).Length]),
        .. from metric in Stages.Metrics
           from role in new[] { Stages.Subject, Stages.Right, Stages.Wrong, Stages.Last }
           select new Statement(Card, $"| {role}, {metric.Name} | {EachLayer}", _ => Row(Measured.Stages(Wording.Tutorial), metric, role)),
        new(Card, "Every other position stays within {<} of zero.", _ => [Stages.Metrics.Max(metric => Row(Measured.Stages(Wording.Tutorial), metric, Stages.Elsewhere).Max(Math.Abs))]),
        .. from role in new[] { Stages.Subject, Stages.Last }
           select new Statement(Card, $"| {role} | {EachLayer}", _ => Row(Measured.Stages(Wording.Choice), Metric.TargetLogit, role)),
        new(Card, "by logit_diff they are the same within {<}.", _ => [new[] { Stages.Subject, Stages.Last }.Max(role =>
            Row(Measured.Stages(Wording.Choice), Metric.TargetLogit, role).Zip(Row(Measured.Stages(Wording.Choice), Metric.LogitDiff, role), (a, b) => Math.Abs(a - b)).Max())]),
        new(Readme, "\" Einstein\" is dark in layers {=} to {=}, \" Newton\" and, paler, \" Jackson\" in layers {=} and {=}, the last token in layers {=} to {=}.",
            run => [.. Ends(run.Subject(Pair)), .. Ends(run.Middle(Pair)), .. Ends(run.Last(Pair))]),
        new(Readme, "Up to layer {=} the answer hangs on \" Einstein\". In layers {=} and {=} it hangs on two of the options",
            run => [run.Subject(Pair)[^1], .. Ends(run.Middle(Pair))]),
        new(Readme, "From layer {=} on it hangs on the last token", run => [run.Last(Pair)[0]]),
    ];

    private static string EachLayer => string.Join(" | ", Enumerable.Repeat("{=}", 8)) + " |";

    private static double[] Row(Stages stages, Metric metric, string role) => [.. stages.Scores[(metric.Name, role)].Select(score => (double)score)];

    private static double[] Ends(int[] layers) => [layers[0], layers[^1]];

    private static double[] Shape(ModelConfig config) =>
        [config.NLayers, config.DModel, config.NHeads, config.NKeyValueHeads, config.DHead, config.DMlp, config.Rope!.Theta];
}
