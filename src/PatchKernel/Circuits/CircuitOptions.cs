namespace PatchKernel;

/// <summary>What a circuit's other edges carry, and what is measured.</summary>
public sealed record CircuitOptions
{
    /// <summary>
    /// What the edges that aren't in the circuit carry: by default the corrupt run's sender; <see cref="PatchSource.Zero"/> nothing; a mean, each sender's mean over some
    /// prompts; a resampled prompt, that prompt's sender.
    /// </summary>
    public PatchSource Source { get; init; } = PatchSource.Other;

    /// <summary>What is measured. By default the clean target's logit and the logit difference.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = Metric.Usual;

    /// <summary>The first of <see cref="Metrics"/>; set it to measure that one alone.</summary>
    public Metric Metric { get => Metrics[0]; init => Metrics = [value]; }

    /// <summary>Bytes of memory that it may take beside the weights; by default seven tenths of what is free.</summary>
    public long? Memory { get; init; }

    /// <summary>Whether every circuit's logits are kept; circuits × d_vocab × 4 bytes.</summary>
    public bool KeepLogits { get; init; }

    /// <summary>Refuses what can't be done.</summary>
    /// <exception cref="PatchKernelException">An option is out of range.</exception>
    internal void Check(PromptPair pair)
    {
        Metric.CheckNames(Metrics);
        if (Memory <= 0) throw new PatchKernelException($"A circuit can't run in {Memory} bytes of memory; give a number above 0.");
        switch (Source)
        {
            case PatchSource.Mean { Prompts.Count: 0 }:
                throw new PatchKernelException("The mean needs at least one prompt to be taken over.");
            case PatchSource.Mean { EachPosition: true } mean when mean.Prompts.FirstOrDefault(prompt => prompt.Length != pair.Clean.Length) is { } other:
                throw new PatchKernelException($"A mean at each position needs prompts of {pair.Clean.Length} tokens, as long as the pair's, and one has {other.Length}; leave it out, or take the mean over positions too.");
            case PatchSource.Resampled resampled when resampled.Prompt.Length != pair.Clean.Length:
                throw new PatchKernelException($"The resampled prompt has {resampled.Prompt.Length} tokens, and the pair's have {pair.Clean.Length}; give one of that length.");
            case PatchSource.Noise:
                throw new PatchKernelException("A circuit's other edges can't carry noise; take the corrupt run, zero or a mean.");
        }
    }
}
