namespace PatchKernel;

/// <summary>Reads result files; whatever is wrong with one is said in a sentence that names the file and the key.</summary>
internal static class SweepFileReader
{
    private static readonly string[] Required = [SweepResult.CleanTargetKey, SweepResult.CorruptTargetKey, SweepResult.NormalisedScoreKey];

    /// <summary>The result in a file; keys that this version doesn't know are ignored.</summary>
    /// <exception cref="PatchKernelException">There is no such file, it is broken, or a newer version wrote it.</exception>
    public static SweepResult Read(string path) => JsonFile.Read(path, json =>
    {
        var root = new ResultPart(json, path, "");
        if (!root.Has("format") || root["format"].TextOrNull() != SweepFile.Format)
            throw new PatchKernelException($"'{path}' is not a result file: its \"format\" should be \"{SweepFile.Format}\".");
        var version = root["version"].Whole();
        if (version > SweepFile.Version)
            throw new PatchKernelException(
                $"'{path}': result file version {version} is newer than this program's {SweepFile.Version}; update PatchKernel.");
        if (version < 1) throw root["version"].Error("should be 1 or more");
        var result = Result(root);
        Check(result, path);
        return result;
    });

    private static SweepResult Result(ResultPart root)
    {
        var model = root["model"];
        var targets = root["targets"];
        var runs = root["runs"];
        int[] shape = [.. root["shape"].Items().Select(size => size.Whole())];
        return new()
        {
            Model = new(model["name"].Text(), model["layers"].Whole(), model["heads"].Whole(), model["dtype"].Text()),
            Pair = new(
                root["pair"].TextOrNull(),
                PromptOf(root["clean"]),
                PromptOf(root["corrupt"]),
                TargetOf(targets["clean"]),
                TargetOf(targets["corrupt"])),
            Site = root["site"].Named(ActivationNames.Parse),
            Direction = root["direction"].Named(DirectionOf),
            Metric = root["metric"].Named(Metric.Parse),
            Method = root["method"].Text(),
            Window = root.Has("window") ? root["window"].Whole() : 1,
            Source = root.Has("source") ? root["source"].Text() : PatchSource.Other.Name,
            CleanRun = RunOf(runs["clean"]),
            CorruptRun = RunOf(runs["corrupt"]),
            Axes = [.. root["axes"].Items().Select(axis => axis.Text())],
            Shape = shape,
            Values = ValuesOf(root["values"], shape),
            Verified = root.Has("verified") ? VerificationOf(root["verified"]) : null,
        };
    }

    private static Prompt PromptOf(ResultPart prompt) => new(
        prompt["text"].TextOrNull(),
        [.. prompt["ids"].Items().Select(id => id.Whole())],
        prompt["tokens"].IsNull ? null : [.. prompt["tokens"].Items().Select(token => token.Text())]);

    private static Target TargetOf(ResultPart target) => new(target["id"].Whole(), target["text"].TextOrNull());

    private static RunSummary RunOf(ResultPart run) => new(run["clean_target"].Number(), run["corrupt_target"].Number(),
        [.. run["best"].Items().Select(token => new TokenLogit(token["id"].Whole(), token["text"].TextOrNull(), token["logit"].Number()))])
    {
        LogSumExp = run.Has("log_sum_exp") ? run["log_sum_exp"].Number() : null,
    };

    private static Verification VerificationOf(ResultPart part) => new(part["cells"].Whole(), part["largest_deviation"].Number());

    private static Direction DirectionOf(string name) => name switch
    {
        "denoising" => Direction.Denoising,
        "noising" => Direction.Noising,
        _ => throw new PatchKernelException($"There is no direction '{name}'; choose denoising or noising."),
    };

    private static Dictionary<string, float[]> ValuesOf(ResultPart part, int[] shape)
    {
        var cells = shape.Aggregate(1L, (product, size) => product * size);
        var values = new Dictionary<string, float[]>();
        foreach (var name in Required)
        {
            values[name] = [.. part[name].Items().Select(value => value.Number())];
            if (values[name].LongLength != cells)
                throw part[name].Error($"has {values[name].Length} numbers, but the shape {string.Join(" × ", shape)} needs {cells}");
        }
        // A later program may have added quantities: those over the same cells are kept, others are not ours to judge.
        foreach (var name in part.Names.Except(Required))
            if (part[name].Numbers() is { } numbers && numbers.LongLength == cells) values[name] = numbers;
        return values;
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
