namespace PatchKernel;

/// <summary>Where the activations that a sweep puts in come from.</summary>
public abstract record PatchSource
{
    internal const string NoiseName = "noise", ResampledName = "resampled";

    private PatchSource(string name) => Name = name;

    /// <summary>The name that the command line and result files use.</summary>
    public virtual string Name { get; }

    /// <summary>The pair's other run; the default.</summary>
    public static PatchSource Other { get; } = new OtherRun();

    /// <summary>Zeros: zero ablation.</summary>
    public static PatchSource Zero { get; } = new Zeros();

    /// <summary>The pair's other run.</summary>
    public sealed record OtherRun() : PatchSource("other");

    /// <summary>Zeros.</summary>
    public sealed record Zeros() : PatchSource("zero");

    /// <summary>The mean over a set of prompts, called <c>mean</c> where each position has its own and <c>pooled_mean</c> where all have one: mean ablation; Wang et al. 2022, arXiv:2211.00593.</summary>
    /// <param name="Prompts">The prompts; each of the pair's length where <paramref name="EachPosition"/> is true.</param>
    /// <param name="EachPosition">Whether each position has its own mean, over the prompts, or all have one, over prompts and positions.</param>
    public sealed record Mean(IReadOnlyList<Prompt> Prompts, bool EachPosition = true) : PatchSource("mean")
    {
        /// <inheritdoc/>
        public override string Name => EachPosition ? base.Name : "pooled_mean";
    }

    /// <summary>Another prompt of the pair's length: resampling ablation.</summary>
    /// <param name="Prompt">The prompt.</param>
    public sealed record Resampled(Prompt Prompt) : PatchSource(ResampledName);

    /// <summary>Gaussian noise on embeddings of the clean prompt stands for the corrupt run, several times; the result is the average over the samples.</summary>
    /// <remarks>Causal tracing as in Meng et al. 2022, arXiv:2202.05262.</remarks>
    /// <param name="StandardDeviation">As a multiple of the standard deviation of the model's embeddings.</param>
    /// <param name="Samples">How many draws of noise.</param>
    /// <param name="Seed">Of the draws.</param>
    /// <param name="Positions">The positions that get noise; by default those at which the pair's prompts differ or, where these are of unequal length, its spans'.</param>
    public sealed record Noise(double StandardDeviation = 3, int Samples = 10, int Seed = 0, IReadOnlyList<int>? Positions = null)
        : PatchSource(NoiseName)
    {
        /// <summary>The most draws that a sweep takes: each is a grid of its own.</summary>
        public const int MostSamples = 1000;

        /// <summary>The largest standard deviation that a sweep takes.</summary>
        public const double MostDeviation = 1000;

        /// <summary>The positions of a pair's clean prompt that noise falls on: those given, else those at which the prompts differ, or in prompts of unequal length all spans'.</summary>
        internal IReadOnlyList<int> PositionsIn(PromptPair pair) => Positions
            ?? (pair.Clean.Length == pair.Corrupt.Length ? pair.DifferingPositions : [.. pair.Clean.Spans.Values.SelectMany(span => span.Positions).Distinct().Order()]);
    }
}
