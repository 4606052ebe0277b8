using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PatchKernel.Tables;

/// <summary>Percentile intervals of means, by bootstrap: the same on any machine, with any number of threads.</summary>
internal static class Bootstrap
{
    private const int Draws = 1000, MostTogether = 512;
    private const double Outside = 0.025;

    /// <summary>The 95 % interval of each sample's mean; null of fewer than two numbers.</summary>
    /// <remarks>Samples of one length share their draws, so that two cells' intervals can be compared.</remarks>
    public static (double Low, double High)?[] Intervals(IReadOnlyList<double[]> samples, int seed, CancellationToken cancel)
    {
        var intervals = new (double, double)?[samples.Count];
        foreach (var alike in Enumerable.Range(0, samples.Count).Where(i => samples[i].Length > 1).GroupBy(i => samples[i].Length))
            foreach (var together in alike.Chunk(MostTogether))
                foreach (var (i, means) in together.Zip(Means([.. together.Select(i => samples[i])], seed, cancel)))
                    intervals[i] = (Quantile(means, Outside), Quantile(means, 1 - Outside));
        return intervals;
    }

    // A draw is how often it takes each number; the mean of a draw is then a product of two vectors.
    private static double[][] Means(double[][] samples, int seed, CancellationToken cancel)
    {
        var length = samples[0].Length;
        double[][] means = [.. samples.Select(_ => new double[Draws])];
        Parallel.For(0, Draws, new ParallelOptions { CancellationToken = cancel }, () => new double[length], (draw, _, counts) =>
        {
            Array.Clear(counts);
            var random = new SplitMix((ulong)(uint)seed << 32 | (uint)draw);
            for (var i = 0; i < length; i++) counts[random.Below(length)]++;
            for (var i = 0; i < samples.Length; i++) means[i][draw] = Product(counts, samples[i]) / length;
            return counts;
        }, _ => { });
        foreach (var drawn in means) Array.Sort(drawn);
        return means;
    }

    // In four sums, whatever the processor: more of them, or multiplying and adding in one, would round differently.
    private static double Product(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var lefts = MemoryMarshal.Cast<double, Vector256<double>>(left);
        var rights = MemoryMarshal.Cast<double, Vector256<double>>(right);
        var sums = Vector256<double>.Zero;
        for (var i = 0; i < lefts.Length; i++) sums += lefts[i] * rights[i];
        var sum = sums[0] + sums[1] + (sums[2] + sums[3]);
        for (var i = lefts.Length * Vector256<double>.Count; i < left.Length; i++) sum += left[i] * right[i];
        return sum;
    }

    // Between two of the sorted numbers, as numpy has it.
    private static double Quantile(double[] sorted, double part)
    {
        var at = part * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + (at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }

    // Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators". .NET's own may change between versions.
    private struct SplitMix(ulong seed)
    {
        private ulong state = Mix(seed);

        public int Below(int count) => (int)Math.BigMul(Mix(state += 0x9e3779b97f4a7c15), (ulong)count, out _);

        private static ulong Mix(ulong value)
        {
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
