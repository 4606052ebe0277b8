namespace PatchKernel;

/// <summary>How a chart looks.</summary>
public record ChartOptions
{
    /// <summary>Its title; by default one that says what is shown.</summary>
    public string? Title { get; init; }

    /// <summary>The colours around the data; by default those of the notebook's page, and <see cref="Theme.Light"/> in files and pictures.</summary>
    public Theme? Theme { get; init; }
}
