using PatchKernel.Charts;
using Plotly.NET;

namespace PatchKernel;

/// <summary>What Plotly.NET's interface for C# lacks.</summary>
public static class PlotlyExtensions
{
    /// <summary>The chart with another title, where the first one was.</summary>
    /// <param name="chart">A chart of Plotly.NET's; it stays as it is.</param>
    /// <param name="title">The title; Plotly reads a few HTML tags in it.</param>
    public static GenericChart WithTitle(this GenericChart chart, string title) => chart.With(Chart.withTitle(title, null));
}
