namespace PatchKernel;

/// <summary>How a chart looks.</summary>
public record ChartOptions
{
    /// <summary>Its title; by default one that says what is shown.</summary>
    public string? Title { get; init; }

    /// <summary>The colours around the data; by default those of the page, in a notebook or a file, and <see cref="Theme.Light"/> in pictures.</summary>
    public Theme? Theme { get; init; }

    /// <summary>The family of its letters, <c>"Times New Roman"</c> say, which this system must have; by default DejaVu Sans, which comes along.</summary>
    public string? Font { get; init; }
}
