namespace PatchKernel;

/// <summary>How a chart looks.</summary>
public record ChartOptions
{
    /// <summary>Its title; by default one that says what is shown.</summary>
    public string? Title { get; init; }

    /// <summary>The colours around the data; <see cref="Theme.Light"/> by default.</summary>
    public Theme Theme { get; init; } = Theme.Light;
}
