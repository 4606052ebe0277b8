namespace PatchKernel;

/// <summary>Which rows of a data file are taken.</summary>
public sealed record DataSelection
{
    /// <summary>How many of the first rows are passed over, before <see cref="Sample"/> and <see cref="Limit"/>; 0 by default.</summary>
    public int Skip { get; init; }

    /// <summary>The first so many; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>So many at random, in the file's order, drawn before <see cref="Limit"/>; null for all.</summary>
    public int? Sample { get; init; }

    /// <summary>Seed of the sample and of the split.</summary>
    public int Seed { get; init; }

    /// <summary>Name and share of a random part: its rows have the name in the column <c>split</c>, the others <c>rest</c>. Null for no such column.</summary>
    public (string Name, double Share)? Split { get; init; }

    /// <summary>Whether bad rows are left out and counted; else the first one is an error.</summary>
    public bool SkipBad { get; init; }
}
