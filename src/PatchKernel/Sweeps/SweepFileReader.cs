using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Metrics;

namespace PatchKernel.Sweeps;

/// <summary>Reads result files; whatever is wrong with one is said in a sentence that names the file and the key.</summary>
internal static class SweepFileReader
{
    /// <summary>The result in a file; keys that this version doesn't know are ignored.</summary>
    /// <exception cref="PatchKernelException">There is no such file, it is broken, or a newer version wrote it.</exception>
    public static SweepResult Read(string path) => JsonFile.Read(path, json =>
    {
        var root = new JsonPart("result file", path, json);
        if (root.Find("format")?.Text() != SweepFile.Format)
            throw new PatchKernelException($"'{path}' is not a result file: its \"format\" should be \"{SweepFile.Format}\".");
        var version = root.Require("version").Whole();
        if (version > SweepFile.Version)
            throw new PatchKernelException(
                $"'{path}': result file version {version} is newer than this program's {SweepFile.Version}; update PatchKernel.");
        if (version < 1) throw root.Require("version").Wrong("1 or more");
        var result = Result(root, version);
        Check(result, path);
        return result with { Places = SweepFilePlaces.Places(root.Find("places"), result), Checked = SweepFileChecked.Cells(root.Find("checked"), result) };
    });

    private static SweepResult Result(JsonPart root, int version)
    {
        var model = root.Require("model");
        var (cleanTargets, corruptTargets) = (TargetsOf(root.Require("targets").Require("clean")), TargetsOf(root.Require("targets").Require("corrupt")));
        var runs = root.Require("runs");
        int[] shape = [.. root.Require("shape").Items().Select(size => size.Whole())];
        var values = ValuesOf(root.Require("values"), shape);
        JsonPart[] stored = version == 1 ? [] : [.. root.Require("metrics").Items()];
        var metrics = version == 1 ? SweepFileMetrics.OfFirstVersion(root, values) : SweepFileMetrics.Of(root.Require("metrics"), values);
        return new()
        {
            Model = new(model.Require("name").Text(), model.Require("layers").Whole(), model.Require("heads").Whole(), model.Require("dtype").Text()),
            Pair = new(
                root.RequireOrNull("pair")?.Text(),
                PromptOf(root.Require("clean")),
                PromptOf(root.Require("corrupt")),
                cleanTargets[0],
                corruptTargets[0])
            {
                CleanTargets = cleanTargets,
                CorruptTargets = corruptTargets,
            },
            Site = root.RequireOrNull("site") is { } site ? Named(site, ActivationNames.Parse) : null,
            Intervention = root.Find("intervention")?.Text(),
            CellsRun = root.Find("cells_run")?.Whole(0, int.MaxValue),
            Direction = Named(root.Require("direction"), DirectionOf),
            Metrics = metrics,
            Method = root.Require("method").Text(),
            Conventions = root.Find("conventions")?.Text(),
            Window = root.Find("window")?.Whole(1, int.MaxValue) ?? 1,
            Source = root.Find("source")?.Text() ?? PatchSource.Other.Name,
            Noise = root.Find("noise") is { } noise ? NoiseOf(noise) : null,
            CleanRun = RunOf(runs.Require("clean"), stored),
            CorruptRun = RunOf(runs.Require("corrupt"), stored),
            Axes = [.. root.Require("axes").Items().Select(axis => axis.Text())],
            Shape = shape,
            Values = values,
            Verified = root.Find("verified") is { } verified ? VerificationOf(verified) : null,
        };
    }

    private static Prompt PromptOf(JsonPart prompt)
    {
        int[] ids = [.. prompt.Require("ids").Items().Select(id => id.Whole())];
        return new(prompt.RequireOrNull("text")?.Text(), ids, prompt.RequireOrNull("tokens")?.Items().Select(token => token.Text()).ToArray())
        {
            Spans = SweepFilePlaces.Spans(prompt.Find("spans"), ids.Length),
        };
    }

    private static Target[] TargetsOf(JsonPart targets) =>
        targets.OneOrSeveral().Select(TargetOf).ToArray() is { Length: > 0 } several ? several : throw targets.Wrong("a target");

    private static Target TargetOf(JsonPart target) => new(target.Require("id").Whole(), target.RequireOrNull("text")?.Text())
    {
        Answer = target.Find("answer")?.Text(),
        Ids = target.Find("ids")?.Items().Select(id => id.Whole()).ToArray() is { Length: > 0 } ids ? ids : [target.Require("id").Whole()],
    };

    private static RunSummary RunOf(JsonPart run, IReadOnlyList<JsonPart> metrics)
    {
        var summary = new RunSummary(run.Require("clean_target").Number(), run.Require("corrupt_target").Number(),
            [.. run.Require("best").Items().Select(token => new TokenLogit(token.Require("id").Whole(), token.RequireOrNull("text")?.Text(), token.Require("logit").Number()))])
        {
            LogSumExp = run.Find("log_sum_exp")?.Number(),
        };
        var values = new Dictionary<string, float>(summary.Values);
        foreach (var metric in metrics)
            if (metric.Find(run.Key)?.Number() is { } number) values[metric.Require("name").Text()] = number;
        return summary with { Values = values };
    }

    private static Verification VerificationOf(JsonPart part) => new(part.Require("cells").Whole(), part.Require("largest_deviation").Number())
    {
        LargestShare = part.Find("largest_share")?.Number(),
        AllowedShare = part.Find("allowed_share")?.Number(),
    };

    private static PatchSource.Noise NoiseOf(JsonPart noise) => new(
        noise.Require("standard_deviation").Positive(), noise.Require("samples").Whole(1, int.MaxValue), noise.Require("seed").Whole(),
        [.. noise.Require("positions").Items().Select(pos => pos.Id())]);

    private static Direction DirectionOf(string name) => name switch
    {
        "denoising" => Direction.Denoising,
        "noising" => Direction.Noising,
        _ => throw new PatchKernelException($"There is no direction '{name}'; choose denoising or noising."),
    };

    private static Dictionary<string, float[]> ValuesOf(JsonPart part, int[] shape)
    {
        var cells = shape.Aggregate(1L, (product, size) => product * size);
        var values = new Dictionary<string, float[]>();
        string[] required = [ValueNames.CleanTarget, ValueNames.CorruptTarget];
        foreach (var name in required)
        {
            values[name] = [.. part.Require(name).Items().Select(value => value.Number())];
            if (values[name].LongLength != cells)
                throw part.Error($"{part.Path}.{name} has {values[name].Length} numbers, but the shape {string.Join(" × ", shape)} needs {cells}");
        }
        // A later program may have added quantities: those over the same cells are kept, others are not ours to judge.
        foreach (var other in part.Members().ExceptBy(required, member => member.Key))
            if (other.Element.ValueKind == JsonValueKind.Array && other.Element.GetArrayLength() == cells && other.Items().All(item => item.IsNumber(out _)))
                values[other.Key] = [.. other.Items().Select(item => item.Number())];
        return values;
    }

    /// <summary>A name that is looked up; an unknown one is told with its file.</summary>
    public static T Named<T>(JsonPart part, Func<string, T> parse)
    {
        var name = part.Text();
        try
        {
            return parse(name);
        }
        catch (PatchKernelException e)
        {
            throw part.Error(e.Message.TrimEnd('.'), e);
        }
    }

    private static void Check(SweepResult result, string path)
    {
        if (result.Axes.Count != result.Shape.Count)
            throw new PatchKernelException($"'{path}' has {result.Axes.Count} axes but a shape of {result.Shape.Count} sizes.");
        if (result.Shape.Any(size => size < 1))
            throw new PatchKernelException($"'{path}' has the shape {string.Join(" × ", result.Shape)}; every size should be at least 1.");
        foreach (var (name, prompt) in new[] { ("clean", result.Pair.Clean), ("corrupt", result.Pair.Corrupt) })
        {
            if (prompt.Tokens is { } tokens && tokens.Count != prompt.Length)
                throw new PatchKernelException($"'{path}': the {name} prompt has {prompt.Length} ids but {tokens.Count} tokens.");
            for (var axis = 0; axis < result.Axes.Count; axis++)
                if (result.Axes[axis] is "pos" or "query_pos" && result.Shape[axis] != prompt.Length)
                    throw new PatchKernelException(
                        $"'{path}': the {name} prompt has {prompt.Length} tokens, but the grid has {result.Shape[axis]} positions.");
        }
    }
}
