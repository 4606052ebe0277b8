namespace PatchKernel;

/// <summary>An unpatched run's last position.</summary>
/// <param name="CleanTarget">Logit of the clean target.</param>
/// <param name="CorruptTarget">Logit of the corrupt target.</param>
/// <param name="Best">The best next tokens, best first.</param>
public sealed partial record RunSummary(float CleanTarget, float CorruptTarget, IReadOnlyList<TokenLogit> Best)
{
    /// <summary>What a softmax over the vocabulary subtracts from a logit to make a log probability; null in results of older files.</summary>
    public float? LogSumExp { get; init; }

    /// <summary>Each metric's name and its number in this run; what a file didn't store isn't there.</summary>
    public IReadOnlyDictionary<string, float> Values { get; init; } =
        new Dictionary<string, float> { [Metric.TargetLogit.Name] = CleanTarget, [Metric.LogitDiff.Name] = CleanTarget - CorruptTarget };

    /// <summary>A metric's number in this run.</summary>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float Of(Metric metric) => Values.TryGetValue(metric.Name, out var value) ? value
        : throw new PatchKernelException($"This run has no {metric.Name}; name the metric when you run it.");

    /// <summary>The best tokens with their probabilities.</summary>
    public Prediction Prediction =>
        new(null, [.. Best.Select(token => new TokenProbability(token, MathF.Exp(token.Logit - LogSumExp ?? float.NaN)))]);

    /// <summary>The best tokens.</summary>
    public override string ToString() => Prediction.ToString();
}
