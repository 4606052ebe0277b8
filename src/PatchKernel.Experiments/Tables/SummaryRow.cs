namespace PatchKernel;

/// <summary>One row of a study's summary: a cell and metric, averaged over pairs.</summary>
/// <remarks>Where a pair has several rows for it, of a role's tokens one by one, it has their mean: one pair is one observation.</remarks>
public sealed record SummaryRow
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>What was patched.</summary>
    public required string Site { get; init; }

    /// <summary><c>denoising</c> or <c>noising</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>What was put in; <c>shuffled</c> of the control that takes another pair's run.</summary>
    public required string Source { get; init; }

    /// <summary>How many layers were patched together.</summary>
    public int Window { get; init; } = 1;

    /// <summary>The layer.</summary>
    public required int Layer { get; init; }

    /// <summary>The position, where the study doesn't go by roles.</summary>
    public int? Pos { get; init; }

    /// <summary>The role; <c>random</c> of the control that takes a random position.</summary>
    public string? Role { get; init; }

    /// <summary>The head, where the cell is one.</summary>
    public int? Head { get; init; }

    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>The column of the pairs by which they are grouped; null for all pairs.</summary>
    public string? By { get; init; }

    /// <summary>What the group's pairs have in that column; null for all pairs.</summary>
    public string? Group { get; init; }

    /// <summary>How many pairs were averaged: those with a finite score, or, where the metric has no scores, with a finite value.</summary>
    public required int Pairs { get; init; }

    /// <summary>Mean of the scores; null where there are none.</summary>
    public double? Mean { get; init; }

    /// <summary>The mean's standard error, sd(n − 1)/√n; null of fewer than two pairs.</summary>
    public double? StandardError { get; init; }

    /// <summary>Lower end of the mean's 95 % interval; null of fewer than two pairs.</summary>
    public double? Low { get; init; }

    /// <summary>Upper end of the mean's 95 % interval.</summary>
    public double? High { get; init; }

    /// <summary>Mean of the finite values; of the metric <c>match</c> the share of pairs that match.</summary>
    public double? MeanValue { get; init; }
}
