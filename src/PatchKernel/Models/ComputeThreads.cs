using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>How many threads libtorch computes with: as many as <c>OMP_NUM_THREADS</c> says, else one for a small model and one a core for others.</summary>
/// <remarks>
/// Threads that share a small matrix wait for each other longer than they compute: on a busy machine a hundred times longer. The number is the
/// process's, so the model that was loaded last decides.
/// </remarks>
internal static class ComputeThreads
{
    private const long SmallLayer = 1_000_000;

    /// <summary>Whether a layer has so few weights that an operation costs more to call than to compute.</summary>
    public static bool IsSmall(ModelConfig config) => WeightLayout.Layer(config, 0).Sum(weight => weight.Elements) < SmallLayer;

    /// <summary>Sets the number for a model, unless the user's environment has one: libtorch has read that by itself.</summary>
    public static void Choose(ModelConfig config)
    {
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null) set_num_threads(IsSmall(config) ? 1 : Environment.ProcessorCount);
    }
}
