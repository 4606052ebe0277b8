namespace PatchKernel;

/// <summary>Estimates beside the exact effects that they stand for: of the largest ones, and of some drawn at random from the rest.</summary>
public record CheckedEstimates
{
    /// <summary>The largest estimates, by their size.</summary>
    public required IReadOnlyList<AgreementPoint> Largest { get; init; }

    /// <summary>Some of the others, drawn at random.</summary>
    public required IReadOnlyList<AgreementPoint> Sample { get; init; }

    /// <summary>Over how many pairs both are means.</summary>
    public int Pairs { get; init; } = 1;

    /// <summary>How far the largest are off; null where there is none.</summary>
    public Agreement? OfLargest => Largest.Count == 0 ? null : Of(Largest);

    /// <summary>How far the random ones are off; null where there is none.</summary>
    public Agreement? OfSample => Sample.Count == 0 ? null : Of(Sample);

    /// <summary>Both comparisons, a line each.</summary>
    public sealed override string ToString() => string.Join('\n', Lines);

    /// <summary>Both comparisons.</summary>
    internal IEnumerable<string> Lines
    {
        get
        {
            if (OfLargest is { } largest) yield return $"the {Largest.Count} largest, against the exact effect{(Pairs == 1 ? "" : $", the mean over the same {Pairs} pairs")}: {largest} at {Largest[largest.WorstIndex].Name}";
            if (OfSample is { } sample) yield return $"{Sample.Count} of the others at random: {sample} at {Sample[sample.WorstIndex].Name}";
        }
    }

    /// <summary>Chooses the largest estimates, one more than half, and some of the others at random.</summary>
    /// <param name="sizes">The estimates.</param>
    /// <param name="among">Those that may be chosen: places in <paramref name="sizes"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of the draw.</param>
    internal static (int[] Largest, int[] Sample) Choose(IReadOnlyList<float> sizes, IEnumerable<int> among, int count, int seed)
    {
        int[] ranked = [.. among.OrderByDescending(place => Math.Abs(sizes[place]))];
        int[] largest = [.. ranked.Take((count + 1) / 2)], rest = [.. ranked.Skip(largest.Length)];
        new Random(seed).Shuffle(rest);
        return (largest, [.. rest.Take(count - largest.Length).Order()]);
    }

    private static Agreement Of(IReadOnlyList<AgreementPoint> points) => Agreement.Of([.. points.Select(point => point.Estimate)], [.. points.Select(point => point.Exact)]);
}
