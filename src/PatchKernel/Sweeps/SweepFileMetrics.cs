using PatchKernel.Json;
using PatchKernel.Metrics;

namespace PatchKernel.Sweeps;

/// <summary>The metrics of result files, of this version and of the first.</summary>
internal static class SweepFileMetrics
{
    /// <summary>Those of a file of this version.</summary>
    /// <param name="part">The file's list.</param>
    /// <param name="values">The numbers in its cells.</param>
    public static IReadOnlyList<Metric> Of(JsonPart part, Dictionary<string, float[]> values)
    {
        Metric[] metrics = [.. part.Items().Select(Of)];
        try
        {
            Metric.CheckNames(metrics);
        }
        catch (PatchKernelException e)
        {
            throw part.Error(e.Message.TrimEnd('.'), e);
        }
        // A result of the first version that was written again has the scores alone of somebody's own metric, which is the first.
        if (metrics.Where((metric, index) => !values.ContainsKey(metric.Name) && !(index == 0 && values.ContainsKey(ValueNames.Score))).FirstOrDefault() is { } missing)
            throw part.Error($"values.{missing.Name} is not there, though {missing.Name} is among the metrics");
        return metrics;
    }

    /// <summary>Those of a file of the first version: the drawn one, both usual ones, and what stands among the values. Adds the usual ones' numbers.</summary>
    public static IReadOnlyList<Metric> OfFirstVersion(JsonPart root, Dictionary<string, float[]> values)
    {
        var (clean, corrupt) = (values[ValueNames.CleanTarget], values[ValueNames.CorruptTarget]);
        if (!values.ContainsKey(ValueNames.Score)) throw root.Require("values").Missing(ValueNames.Score);
        values[Metric.TargetLogit.Name] = clean;
        values[Metric.LogitDiff.Name] = [.. clean.Zip(corrupt, (right, wrong) => right - wrong)];
        var name = root.Require("metric").Text();
        var drawn = root.Find("metric_description") is { } description && Metric.All.All(known => known.Name != name)
            ? Metric.Stored(name, description.Text())
            : SweepFileReader.Named(root.Require("metric"), Metric.Parse);
        return [.. Metric.All.Where(metric => values.ContainsKey(metric.Name)).Prepend(drawn).DistinctBy(metric => metric.Name)];
    }

    private static Metric Of(JsonPart part)
    {
        var name = part.Require("name").Text();
        return Metric.All.FirstOrDefault(known => known.Name == name) ?? Metric.Stored(name, part.Require("description").Text()) with
        {
            Unit = part.Require("unit").Text(),
            CleanIs = SweepFileReader.Named(part.Require("clean_is"), SideOf),
        };
    }

    private static CleanIs SideOf(string name)
    {
        foreach (var side in Enum.GetValues<CleanIs>())
            if (SweepFile.NameOf(side) == name) return side;
        throw new PatchKernelException($"There is no side '{name}'; choose higher, lower or neither.");
    }
}
