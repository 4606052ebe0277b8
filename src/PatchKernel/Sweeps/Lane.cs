using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>One unpatched run of a sweep.</summary>
/// <param name="Ids">Its token ids.</param>
/// <param name="Noise">What is added to its embeddings, [pos, d_model], or null; the sweep's to dispose.</param>
/// <param name="Answer">How many of its last tokens are an answer's and stand behind the prompt; nothing is patched there.</param>
internal sealed record Lane(IReadOnlyList<int> Ids, Tensor? Noise = null, int Answer = 0)
{
    /// <summary>Number of the prompt's tokens.</summary>
    public int Prompt => Ids.Count - Answer;

    /// <summary>How many of the last positions have logits: the prompt's last, and the answer's.</summary>
    public int Read => Answer + 1;

    /// <summary>The first position at which two runs differ; their length where they don't.</summary>
    public static int FirstDifference(Lane a, Lane b)
    {
        for (var pos = 0; pos < a.Ids.Count; pos++)
            if (a.Ids[pos] != b.Ids[pos] || DiffersAt(a.Noise, b.Noise, pos)) return pos;
        return a.Ids.Count;
    }

    private static bool DiffersAt(Tensor? a, Tensor? b, int pos)
    {
        if (ReferenceEquals(a, b)) return false;
        using var scope = NewDisposeScope();
        var difference = a is null ? b![pos] : b is null ? a[pos] : a[pos] - b[pos];
        return difference.count_nonzero().item<long>() > 0;
    }
}
