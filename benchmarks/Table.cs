using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PatchKernel.Benchmarks;

/// <summary>One line of the table.</summary>
internal sealed record Row(
    string Shape, int Tokens, string Site, string Method, string Dtype, int Pairs,
    double Seconds, double? NaiveSeconds, double Ratio, double PeakShare, double? MemoryMb)
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}

/// <summary>The table in the terminal.</summary>
internal static class Table
{
    public static void Header() =>
        Console.WriteLine("shape    tokens  site        dtype     pairs   seconds     naive   ratio   peak   memory MB");

    public static void Print(Row row) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Shape,-8} {row.Tokens,6}  {row.Site,-10}  {row.Dtype,-8}  {row.Pairs,5} {row.Seconds,9:0.000} {row.NaiveSeconds,9:0.0} {row.Ratio,7:0.0} {row.PeakShare,6:P0} {row.MemoryMb,11:0}"));

    public static void Footer() => Console.WriteLine(
        $"""
        naive: one full forward a cell, the unembedding at the last position; 32 cells spread over the grid, scaled to all. Both sides have the two
        caching runs. ratio: to the naive loop; of several pairs, to as many sweeps one by one; of bfloat16, to float32. peak: the sweep's
        multiplications against the best of the products {string.Join(", ", Machine.PeakShapes.Select(s => $"{s.Rows}×{s.In}×{s.Out}"))}. memory: growth at its largest, weights excluded.
        """);
}
