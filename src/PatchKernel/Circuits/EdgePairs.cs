namespace PatchKernel.Circuits;

/// <summary>Several pairs, one after another: what is wrong with one is said with its name.</summary>
internal static class EdgePairs
{
    /// <summary>Refuses pairs that can't be run, before anything runs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="options">Refuses what options ask of a pair.</param>
    /// <exception cref="PatchKernelException">There is no pair, or one can't be run.</exception>
    public static void Check(LanguageModel model, IReadOnlyList<PromptPair> pairs, Action<PromptPair> options)
    {
        if (pairs.Count == 0) throw new PatchKernelException("There is no pair to run; give at least one.");
        for (var at = 0; at < pairs.Count; at++)
            Named(pairs, at, () =>
            {
                _ = PairCheck.Run(pairs[at], model.Config.DVocab).ThrowIfErrors();
                options(pairs[at]);
            });
    }

    /// <summary>Does something with one of several pairs.</summary>
    /// <exception cref="PatchKernelException">It can't be done; where there are several pairs, the sentence begins with the pair's name or number.</exception>
    public static void Named(IReadOnlyList<PromptPair> pairs, int at, Action work)
    {
        try
        {
            work();
        }
        catch (PatchKernelException e) when (pairs.Count > 1)
        {
            throw new PatchKernelException($"Pair {pairs[at].Name ?? $"number {at + 1}"}: {e.Message}", e);
        }
    }

    /// <summary>What one of several pairs reports, as a part of all.</summary>
    public static IProgress<SweepProgress>? Part(IProgress<SweepProgress>? progress, int at, int count) => progress is null ? null : new PartOf(progress, at, count);

    private sealed class PartOf(IProgress<SweepProgress> progress, int at, int count) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => progress.Report(value with { Done = at * value.Total + value.Done, Total = count * value.Total });
    }
}
