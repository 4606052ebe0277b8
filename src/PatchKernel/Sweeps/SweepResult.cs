using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What a sweep measured: managed arrays with their labels, and no tensor.</summary>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record SweepResult : IShowsHtml
{
    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>The prompts and the targets.</summary>
    public required PromptPair Pair { get; init; }

    /// <summary>What was patched.</summary>
    public required Activation Site { get; init; }

    /// <summary>Which run was patched.</summary>
    public required Direction Direction { get; init; }

    /// <summary>What <see cref="NormalisedScore"/> is made of.</summary>
    public required Metric Metric { get; init; }

    /// <summary>How it was computed: <c>wavefront</c> is one pass for all cells, <c>naive</c> one full forward a cell.</summary>
    public required string Method { get; init; }

    /// <summary>How many layers were patched together.</summary>
    public int Window { get; init; } = 1;

    /// <summary>What was put in: <c>other</c> is the other run's activation; see <see cref="PatchSource"/>.</summary>
    public string Source { get; init; } = PatchSource.Other.Name;

    /// <summary>Of a noised run its noise, and the positions that got it; null of every other source, and in results of older files.</summary>
    public PatchSource.Noise? Noise { get; init; }

    /// <summary>The clean run, unpatched.</summary>
    public required RunSummary CleanRun { get; init; }

    /// <summary>The corrupt run, unpatched; where noise stands for it, the mean over the noised runs.</summary>
    public required RunSummary CorruptRun { get; init; }

    /// <summary>The grid's axes, outermost first: <c>layer</c>, then <c>pos</c>, <c>head</c> or <c>query_pos</c>.</summary>
    public required IReadOnlyList<string> Axes { get; init; }

    /// <summary>The grid's size along each axis.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>One array a measured quantity, each flat and row-major over <see cref="Shape"/>.</summary>
    public required IReadOnlyDictionary<string, float[]> Values { get; init; }

    /// <summary>How far some cells were from one full forward each; null where nobody asked.</summary>
    public Verification? Verified { get; init; }

    /// <summary>Every cell's logits at the last position, [cells][d_vocab], where they were kept; of noise, the first sample's. Not part of the file.</summary>
    public float[][]? Logits { get; init; }

    /// <summary>The clean run's logits at the last position, [d_vocab], where logits were kept; not part of the file.</summary>
    public float[]? CleanLogits { get; init; }

    /// <summary>Logit of the clean target after each patch, flat and row-major.</summary>
    public float[] CleanTarget => Values[CleanTargetKey];

    /// <summary>Logit of the corrupt target after each patch, flat and row-major.</summary>
    public float[] CorruptTarget => Values[CorruptTargetKey];

    /// <summary>(patched − corrupt) / (clean − corrupt) of <see cref="Metric"/>, flat and row-major.</summary>
    public float[] NormalisedScore => Values[NormalisedScoreKey];

    /// <summary>The score of one cell; an index along each axis.</summary>
    public float Score(params ReadOnlySpan<int> index)
    {
        var cell = 0;
        for (var axis = 0; axis < index.Length; axis++) cell = cell * Shape[axis] + index[axis];
        return NormalisedScore[cell];
    }

    /// <summary>The same result with further measures, taken from the logits that were kept.</summary>
    /// <exception cref="PatchKernelException">No logits were kept.</exception>
    public SweepResult Measured(params IReadOnlyList<Measure> measures)
    {
        if (Logits is null || CleanLogits is null)
            throw new PatchKernelException("This result has no logits to measure; run the sweep with KeepLogits.");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var patched = new PatchedLogits(tensor([.. Logits.SelectMany(cell => cell)], Logits.Length, CleanLogits.Length), CleanLogits, Pair);
        var values = new Dictionary<string, float[]>(Values);
        foreach (var measure in measures)
        {
            measure.CheckName();
            values[measure.Name] = measure.Of(patched).ToFloats();
        }
        return this with { Values = values };
    }

    /// <summary>The result in a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="PatchKernelException">There is no such file, it is broken, or a newer version wrote it.</exception>
    public static SweepResult Load(string path) => SweepFileReader.Read(path);

    /// <summary>Writes a result file: JSON, version 1, every number exact.</summary>
    /// <exception cref="PatchKernelException">The path can't be written, or a value is infinite or not a number.</exception>
    public void Save(string path) => AtomicFile.Write(path, SweepFile.Write(this));

    /// <summary>The content of the file that <see cref="Save"/> writes.</summary>
    /// <exception cref="PatchKernelException">A value is infinite or not a number.</exception>
    public string ToJson() => System.Text.Encoding.UTF8.GetString(SweepFile.Write(this));

    /// <summary>The result's heatmap for a notebook; <see cref="Heatmap"/> has the options.</summary>
    public string ToHtml() => Heatmap.Draw(this).ToHtml();

    /// <summary>One line: what ran, the grid's size, the range, and the cell in which the patch did most.</summary>
    public override string ToString() => SweepSummary.Of(this);

    /// <summary>Ends the name of an array of standard deviations over samples of noise.</summary>
    internal const string SpreadSuffix = "_std";

    /// <summary>What the run that scores 0 is called.</summary>
    internal string CorruptName => Source == PatchSource.NoiseName ? "noised" : "corrupt";

    internal const string CleanTargetKey = "clean_target";
    internal const string CorruptTargetKey = "corrupt_target";
    internal const string NormalisedScoreKey = "normalised_score";
}

/// <summary>Which model ran, and how.</summary>
/// <param name="Name">Folder or hub name.</param>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Heads">Number of query heads.</param>
/// <param name="Dtype">Compute dtype: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</param>
public sealed record ModelSummary(string Name, int Layers, int Heads, string Dtype);

/// <summary>An unpatched run's last position.</summary>
/// <param name="CleanTarget">Logit of the clean target.</param>
/// <param name="CorruptTarget">Logit of the corrupt target.</param>
/// <param name="Best">The best next tokens, best first.</param>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed record RunSummary(float CleanTarget, float CorruptTarget, IReadOnlyList<TokenLogit> Best) : IShowsHtml
{
    /// <summary>What a softmax over the vocabulary subtracts from a logit to make a log probability; null in results of older files.</summary>
    public float? LogSumExp { get; init; }

    /// <summary>The best tokens with their probabilities.</summary>
    public Prediction Prediction =>
        new(null, [.. Best.Select(token => new TokenProbability(token, MathF.Exp(token.Logit - LogSumExp ?? float.NaN)))]);

    /// <summary>A table of the best tokens with bars.</summary>
    public string ToHtml() => Prediction.ToHtml();

    /// <summary>The best tokens.</summary>
    public override string ToString() => Prediction.ToString();
}

/// <summary>A next token and its logit.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Text">Its text, or null without a tokenizer.</param>
/// <param name="Logit">Its logit at the last position.</param>
public sealed record TokenLogit(int Id, string? Text, float Logit)
{
    /// <summary>The token's text in quotes, or its id.</summary>
    public string Label => new Target(Id, Text).ToString();

    /// <summary>The tokens with the highest logits, best first; the lower id first among equals.</summary>
    public static IReadOnlyList<TokenLogit> Best(IReadOnlyList<float> logits, int count, Tokenizer? tokenizer) =>
        [.. Enumerable.Range(0, logits.Count).OrderByDescending(id => logits[id]).Take(count)
            .Select(id => new TokenLogit(id, tokenizer?.TokenText(id), logits[id]))];
}
