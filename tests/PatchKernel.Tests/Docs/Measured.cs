using PatchKernel.Tests.Models;
using PatchKernel.TrainMini;

namespace PatchKernel.Tests.Docs;

/// <summary>Runs of the models that documents speak of, each done once.</summary>
public sealed class Measured : IDisposable
{
    /// <summary>The pair of its own that the second notebook writes.</summary>
    internal const string Mine = "mine";

    private const string Small = "mini", Usual = "einstein";

    private readonly Dictionary<string, LanguageModel> models = [];
    private readonly Dictionary<string, SweepResult> sweeps = [];
    private readonly Dictionary<Direction, EdgeResult> edges = [];
    private readonly PromptBook book = PromptBook.Load(TestData.InRepository("data", "prompts.json"));

    /// <summary>The shipped model in float32.</summary>
    internal LanguageModel Mini => Model(Small);

    /// <summary>The stored sweep of SmolLM2.</summary>
    internal SweepResult Stored { get; } = SweepResult.Load(TestData.InRepository("data", "results", "smollm2-similar.json"));

    public void Dispose()
    {
        foreach (var model in models.Values) model.Dispose();
    }

    /// <summary>A pair in the tokens of a model.</summary>
    internal PromptPair Pair(string name, string model = Small) => PromptPair.FromDefinition(Definition(name), Model(model).Tokenizer!);

    /// <summary>Both runs of a pair.</summary>
    internal Baseline Runs(string pair) => Baseline.Run(Mini, Pair(pair));

    /// <summary>A sweep of a pair.</summary>
    internal SweepResult Sweep(string pair, Activation site = Activation.ResidPost, int window = 1, string model = Small, string dtype = "float32", Direction direction = Direction.Denoising)
    {
        var key = $"{pair} {site} {window} {model} {dtype} {direction}";
        if (!sweeps.TryGetValue(key, out var result))
            sweeps[key] = result = PatchKernel.Sweep.Run(Model(model, dtype), Pair(pair, model), new SweepOptions { Site = site, Window = window, Direction = direction, Verify = 0 });
        return result;
    }

    /// <summary>Every edge of the tutorial's pair, exactly.</summary>
    internal EdgeResult Edges(Direction direction)
    {
        if (!edges.TryGetValue(direction, out var result))
            edges[direction] = result = PathPatching.Run(Mini, Pair(Usual), new() { Metric = Metric.LogitDiff, Direction = direction });
        return result;
    }

    /// <summary>How far a dtype moves a score of a pair at most.</summary>
    internal double Moved(string dtype, string pair, string model) => Difference(Sweep(pair, model: model, dtype: dtype), Sweep(pair, model: model));

    /// <summary>The largest difference of two sweeps' scores.</summary>
    internal static double Difference(SweepResult a, SweepResult b) => a.NormalisedScore.Zip(b.NormalisedScore, (x, y) => Math.Abs(x - y)).Max();

    /// <summary>The layers at which a row's score is over a half.</summary>
    internal static int[] Dark(SweepResult result, int row) => [.. Enumerable.Range(0, result.Shape[0]).Where(layer => result.Score(layer, row) > 0.5f)];

    /// <summary>The layers at which the subject's last token brings back more than a half.</summary>
    internal int[] Subject(string pair) => Dark(Sweep(pair), Pair(pair).DifferingPositions[^1]);

    /// <summary>The layers at which the last token does.</summary>
    internal int[] Last(string pair) => Dark(Sweep(pair), Pair(pair).Clean.Length - 1);

    /// <summary>The layers at which the right option's last name does.</summary>
    internal int[] Middle(string pair) => Dark(Sweep(pair), Row(" Newton"));

    /// <summary>The shipped model's stages in a wording.</summary>
    internal static Stages Stages(Wording wording) => MiniStages.Of(wording);

    /// <summary>The last position of a token in the tutorial's clean prompt.</summary>
    internal int Row(string token) => Pair(Usual).Clean.Tokens!.ToList().LastIndexOf(token);

    /// <summary>The highest score of a token over all layers.</summary>
    internal double Highest(string pair, string token) => Enumerable.Range(0, Mini.Config.NLayers).Max(layer => Sweep(pair).Score(layer, Row(token)));

    /// <summary>A score of a token of the tutorial's pair.</summary>
    internal double Score(Activation site, int layer, string token, int window = 1) => Sweep(Usual, site, window).Score(layer, Row(token));

    /// <summary>A head's score for the tutorial's pair.</summary>
    internal double Head(int layer, int head) => Sweep(Usual, Activation.Z).Score(layer, head);

    /// <summary>How much of a head's attention goes from one token to another, in the tutorial's clean run.</summary>
    internal double Weight(int layer, int head, string from, string token)
    {
        using var run = Mini.RunWithCache(Pair(Usual).Clean, Activation.Pattern);
        var length = Pair(Usual).Clean.Length;
        return AttentionHeatmap.Draw(run, layer, head).Weights[Row(from) * length + Row(token)];
    }

    /// <summary>The logit lens of the tutorial's pair after a layer: the difference of both targets' logits.</summary>
    internal (double Clean, double Corrupt) Lens(int layer)
    {
        var lens = LogitLens.Run(Mini, Pair(Usual));
        return (After(lens.Clean), After(lens.Corrupt));

        double After(LensRun run) => run.CleanTarget[layer + 1] - run.CorruptTarget[layer + 1]; // the embedding is first
    }

    private PairDefinition Definition(string name) => name != Mine ? book.Find(name) : book.Find(Usual) with
    {
        Name = Mine,
        Options = ["Charles Dickens", "Max Planck", "Freddie Mercury"],
        Clean = new PairSide("Marie Curie", " Max"),
        Corrupt = new PairSide("Jane Austen", " Charles"),
    };

    private LanguageModel Model(string name, string dtype = "float32")
    {
        if (!models.TryGetValue($"{name} {dtype}", out var model))
            models[$"{name} {dtype}"] = model = LanguageModel.Load(name == Small ? TestData.InRepository("models", Small) : TestData.SmolLM2(), dtype, "cpu");
        return model;
    }
}
