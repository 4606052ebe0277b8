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
        Row("\" Einstein\"", Metric.TargetLogit), Row("\" Einstein\"", Metric.LogitDiff), Row("\":\"", Metric.TargetLogit), Row("\":\"", Metric.LogitDiff),
        new(Card, "Every other position stays below {<} in every layer, by both metrics.", run => [Math.Max(Others(run, Metric.TargetLogit), Others(run, Metric.LogitDiff))]),
        new(Readme, "The subject's last token is dark in layers {=} to {=}, the last token in layers {=} to {=}.",
            run => [run.Subject(Pair)[0], run.Subject(Pair)[^1], run.Last(Pair)[0], run.Last(Pair)[^1]]),
        new(Readme, "Until layer {=} the answer hangs on \" Einstein\"; from layer {=} on it hangs on the last token", run => [run.Subject(Pair)[^1], run.Last(Pair)[0]]),
    ];

    private static Statement Row(string label, Metric metric) => new(Card, $"| {label}, {metric.Name} | {string.Join(" | ", Enumerable.Repeat("{=}", 8))} |",
        run => [.. Enumerable.Range(0, 8).Select(layer => (double)run.Sweep(Pair).By(metric).Score(layer, run.Row(label[1..^1])))]);

    private static double Others(Measured run, Metric metric)
    {
        var result = run.Sweep(Pair).By(metric);
        return (from layer in Enumerable.Range(0, result.Shape[0])
                from pos in Enumerable.Range(0, result.Shape[1])
                where pos != run.Row(" Einstein") && pos != result.Shape[1] - 1
                select result.Score(layer, pos)).Max();
    }

    private static double[] Shape(ModelConfig config) =>
        [config.NLayers, config.DModel, config.NHeads, config.NKeyValueHeads, config.DHead, config.DMlp, config.Rope.Theta];
}
