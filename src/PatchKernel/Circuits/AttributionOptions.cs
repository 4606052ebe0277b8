using PatchKernel.Circuits;
using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>How edges are estimated. Tools' conventions differ and change the ranking, so each has a name; the defaults are this library's own.</summary>
public sealed record AttributionOptions
{
    /// <summary>The estimate; <see cref="EdgeMethod.Eap"/> by default.</summary>
    public EdgeMethod Method { get; init; } = EdgeMethod.Eap;

    /// <summary>Of EAP, which run the gradient is taken at: the corrupt one by default, as in TransformerLens; the clean one is EAP-IG's convention.</summary>
    public GradientAt At { get; init; } = GradientAt.Corrupt;

    /// <summary>Of integrated gradients, how many points the path has, m.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Of EAP-IG, which points k / m of the path from the corrupt to the clean embeddings: k = 0 … m − 1 by default, as in EAP-IG since 2025.</summary>
    public PathPoints Points { get; init; } = PathPoints.FromZero;

    /// <summary>Which exact effect is estimated: one clean edge in the corrupt run by default, or one corrupt edge in the clean run. The scores are the same.</summary>
    public Direction Direction { get; init; } = Direction.Denoising;

    /// <summary>The positions of the prompt at which edges count; null for all.</summary>
    public IReadOnlyList<int>? Positions { get; init; }

    /// <summary>What stands at the positions at which edges count, in place of <see cref="Positions"/>; each has to be at the same positions of both prompts. Null for all.</summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>What is estimated; each needs a gradient. By default the clean target's logit and the logit difference.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = Metric.Usual;

    /// <summary>The first of <see cref="Metrics"/>; set it to estimate that one alone.</summary>
    public Metric Metric { get => Metrics[0]; init => Metrics = [value]; }

    /// <summary>Bytes of memory that it may take beside the weights; by default seven tenths of what is free. With less, layers are computed once more instead of kept.</summary>
    public long? Memory { get; init; }

    /// <summary>Of several pairs, whether every pair's scores are kept beside the means; pairs × edges × 4 bytes a metric.</summary>
    public bool KeepPairScores { get; init; }

    /// <summary>The conventions in words, for results and captions.</summary>
    internal string Conventions => (Method, At) switch
    {
        (EdgeMethod.Eap, GradientAt.Both) => "mean of the gradients at both runs",
        (EdgeMethod.Eap, _) => $"gradient at the {(At == GradientAt.Clean ? "clean" : "corrupt")} run",
        (EdgeMethod.EapIg, _) => $"embeddings' path, {GradientPath.Text(Points, Steps)}",
        _ => $"each sublayer's own path, {GradientPath.Text(PathPoints.FromOne, Steps)}",
    };

    /// <summary>The method's name in results.</summary>
    internal string Name => Method switch { EdgeMethod.Eap => "eap", EdgeMethod.EapIg => "eap-ig", _ => "eap-ig-activations" };

    /// <summary>The points of the path at which gradients are taken: 0 is the corrupt run's end, 1 the clean one's.</summary>
    internal double[] Alphas => (Method, At) switch
    {
        (EdgeMethod.Eap, GradientAt.Corrupt) => [0],
        (EdgeMethod.Eap, GradientAt.Clean) => [1],
        (EdgeMethod.Eap, _) => [0, 1],
        (EdgeMethod.EapIg, _) => GradientPath.Alphas(Points, Steps),
        _ => GradientPath.Alphas(PathPoints.FromOne, Steps),
    };

    /// <summary>Refuses what can't be done.</summary>
    /// <exception cref="PatchKernelException">An option is out of range.</exception>
    internal void Check(PromptPair pair)
    {
        Metric.CheckNames(Metrics);
        GradientPath.Check(Steps);
        if (Memory <= 0) throw new PatchKernelException($"An estimate can't be made in {Memory} bytes of memory; give a number above 0.");
        _ = EdgePositions.Of(Positions, Roles, pair);
    }
}

/// <summary>Estimates of edges.</summary>
public enum EdgeMethod
{
    /// <summary>Edge attribution patching: one gradient; Syed et al. 2023, arXiv:2310.10348.</summary>
    Eap,

    /// <summary>EAP with integrated gradients: the mean gradient over a path from the corrupt to the clean embeddings; Hanna et al. 2024, arXiv:2403.17806 (EAP-IG-inputs).</summary>
    EapIg,

    /// <summary>
    /// The mean gradient over runs of the clean prompt in which one sublayer's output (the embedding's, an attention's, an MLP's) goes from the corrupt run's to the clean
    /// run's; Mueller et al. 2025, arXiv:2504.13151 (EAP-IG-activations).
    /// </summary>
    EapIgActivations,
}

/// <summary>Which run a gradient is taken at.</summary>
public enum GradientAt
{
    /// <summary>The corrupt run: a denoising estimate, as in TransformerLens.</summary>
    Corrupt,

    /// <summary>The clean run: a noising estimate, as in EAP-IG's code.</summary>
    Clean,

    /// <summary>The mean of the gradients at both: EAP-IG's clean-corrupted.</summary>
    Both,
}
