using System.Text.Json;

namespace PatchKernel.Tests;

/// <summary>Sweep results without a model.</summary>
internal static class SampleResults
{
    private static readonly string[] CleanTokens = ["<|begin_of_text|>", "A", ":", " the", " the", ".\n", " Ġéß", "\"</script>&amp;"];
    private static readonly string[] CorruptTokens = ["<|begin_of_text|>", "A", ":", " the", " an", ".\n", " Ġéß", "\"</script>&amp;"];

    /// <summary>A small result with awkward tokens; scores run from 0 to 1 over the cells unless given.</summary>
    public static SweepResult Small(
        Func<int, int, float>? score = null, int layers = 7, Activation site = Activation.ResidPost, bool idsOnly = false)
    {
        score ??= (layer, pos) => (layer * 8 + pos) / (layers * 8 - 1f);
        int[] clean = [0, 11, 12, 13, 13, 14, 15, 16], corrupt = [0, 11, 12, 13, 17, 14, 15, 16];
        var pair = idsOnly
            ? new PromptPair(null, Prompt.FromIds(clean), Prompt.FromIds(corrupt), new(3, null), new(4, null))
            : new PromptPair(
                "sample", new("A: the the.\n", clean, CleanTokens), new("A: the an.\n", corrupt, CorruptTokens), new(3, " Isaac"), new(4, " Michael"));
        var scores = Enumerable.Range(0, layers * clean.Length).Select(cell => score(cell / clean.Length, cell % clean.Length)).ToArray();
        float[] cleanTarget = [.. scores.Select(s => 6 + 4 * s)], corruptTarget = [.. scores.Select(s => 8 - 3 * s)];
        var result = Of(new("mini", layers, 4, "float32"), pair, new(10, 5, []), new(6, 8, []), layers, cleanTarget, corruptTarget);
        // The scores as given, not as rounding on the way to logits and back leaves them.
        return result with { Site = site, Values = new Dictionary<string, float[]>(result.Values) { ["normalised_score"] = scores } };
    }

    /// <summary>A result as large as they come: ten words in turn, and two bands of scores.</summary>
    public static SweepResult Large(int layers, int positions)
    {
        string[] words = [" Albert", " Einstein", ",", " Which", " profession", "\n", " entities", " the", " of", " Michael"];
        int[] clean = [.. Enumerable.Range(0, positions)], corrupt = [.. clean.Select(pos => pos == positions / 2 ? positions : pos)];
        Prompt PromptOf(int[] ids) => new("", ids, [.. ids.Select(id => id == positions ? " Swift" : words[id % words.Length])]);
        var pair = new PromptPair("large", PromptOf(clean), PromptOf(corrupt), new(3, " Isaac"), new(4, " Michael"));
        float[] scores = [.. from layer in Enumerable.Range(0, layers) from pos in clean select Score(layer, pos)];
        return Of(new("large", layers, 8, "float32"), pair, new(10, 5, []), new(6, 8, []), layers,
            [.. scores.Select(score => 6 + 4 * score)], [.. scores.Select(score => 8 - 3 * score)]);

        float Score(int layer, int pos) => (pos == positions / 2, pos == positions - 1) switch
        {
            (true, _) => 1 - (float)layer / layers,
            (_, true) => (float)layer / layers,
            _ => 0.2f * ((layer * positions + pos) % 97) / 97,
        };
    }

    /// <summary>A result over heads; scores run from −0.5 to 1 unless given.</summary>
    public static SweepResult Heads(int layers, int heads, Activation site, Func<int, int, float>? score = null)
    {
        score ??= (layer, head) => (layer * heads + head) / (layers * heads - 1f) * 1.5f - 0.5f;
        float[] scores = [.. from layer in Enumerable.Range(0, layers) from head in Enumerable.Range(0, heads) select score(layer, head)];
        var (pair, small) = (Small().Pair, Small());
        var result = Of(new("mini", layers, heads, "float32"), pair, small.CleanRun, small.CorruptRun, layers,
            [.. scores.Select(s => 6 + 4 * s)], [.. scores.Select(s => 8 - 3 * s)]);
        return result with
        {
            Site = site,
            Axes = ["layer", "head"],
            Shape = [layers, heads],
            Values = new Dictionary<string, float[]>(result.Values) { ["normalised_score"] = scores },
        };
    }

    /// <summary>A result by role on prompts of 8 and 10 tokens; scores run from 0 to 1 over the cells.</summary>
    public static SweepResult Roles(int layers = 7)
    {
        var small = Small();
        var spans = (int shift) => new Dictionary<string, TokenSpan> { ["subject"] = new(3, 5 + shift), ["object"] = new(6 + shift, 8 + shift) };
        var pair = small.Pair with
        {
            Clean = small.Pair.Clean with { Spans = spans(0) },
            Corrupt = new("A: an or two.\n", [0, 11, 12, 17, 18, 19, 20, 14, 15, 16], ["<|begin_of_text|>", "A", ":", " an", " or", " two", " three", ".\n", .. CleanTokens[6..]]) { Spans = spans(2) },
        };
        RolePlace[] places = [.. TokenRole.ParseAll("subject.first,subject.mean,object.each,object.all,1:2+2:1,last").SelectMany(role => role.In(pair.Clean, pair.Corrupt))];
        float[] scores = [.. Enumerable.Range(0, layers * places.Length).Select(cell => cell / (layers * places.Length - 1f))];
        var result = Of(new("mini", layers, 4, "float32"), pair, new(10, 5, []), new(6, 8, []), layers, [.. scores.Select(s => 6 + 4 * s)], [.. scores.Select(s => 8 - 3 * s)]);
        return result with
        {
            Axes = ["layer", "role"],
            Shape = [layers, places.Length],
            Places = places,
            Values = new Dictionary<string, float[]>(result.Values) { ["normalised_score"] = scores },
        };
    }

    /// <summary>What nnsight measured on SmolLM2 for one of the golden pairs.</summary>
    public static SweepResult SmolLM2(string pair, Metric? metric = null)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.Golden("oracle", "smollm2", $"{pair}.json")));
        var root = json.RootElement;
        var prompts = new PromptPair(pair, PromptOf(root, "clean"), PromptOf(root, "corrupt"), TargetOf(root, 0), TargetOf(root, 1));
        var logits = Denoised(TestData.Golden("oracle", "smollm2", $"{pair}.safetensors"));
        var layers = logits.Length / 2 / prompts.Clean.Length;
        return Of(new("SmolLM2-135M-Instruct", layers, 9, "float32"), prompts, RunOf(root, "clean"), RunOf(root, "corrupt"), layers,
            [.. logits.Where((_, i) => i % 2 == 0)], [.. logits.Where((_, i) => i % 2 == 1)], metric);
    }

    private static SweepResult Of(
        ModelSummary model,
        PromptPair pair,
        RunSummary clean,
        RunSummary corrupt,
        int layers,
        float[] cleanTarget,
        float[] corruptTarget,
        Metric? metric = null)
    {
        float[] difference = [.. cleanTarget.Zip(corruptTarget, (a, b) => a - b)];
        var drawn = metric ?? Metric.TargetLogit;
        var patched = drawn == Metric.LogitDiff ? difference : cleanTarget;
        return new()
        {
            Model = model,
            Pair = pair,
            Site = Activation.ResidPost,
            Direction = Direction.Denoising,
            Metrics = metric is null ? [Metric.TargetLogit, Metric.LogitDiff] : [metric],
            Method = "naive",
            CleanRun = clean,
            CorruptRun = corrupt,
            Axes = ["layer", "pos"],
            Shape = [layers, pair.Clean.Length],
            Values = new Dictionary<string, float[]>
            {
                ["clean_target"] = cleanTarget,
                ["corrupt_target"] = corruptTarget,
                ["target_logit"] = cleanTarget,
                ["logit_diff"] = difference,
                ["normalised_score"] = [.. patched.Select(value => Metric.Normalise(value, clean.Of(drawn), corrupt.Of(drawn)))],
            },
        };
    }

    private static Prompt PromptOf(JsonElement root, string run) => new(
        root.GetProperty(run).GetString(),
        [.. root.GetProperty($"{run}_ids").EnumerateArray().Select(id => id.GetInt32())],
        [.. root.GetProperty($"{run}_tokens").EnumerateArray().Select(token => token.GetString()!)]);

    private static Target TargetOf(JsonElement root, int i) =>
        new(root.GetProperty("targets")[i].GetInt32(), root.GetProperty("target_texts")[i].GetString());

    private static RunSummary RunOf(JsonElement root, string run)
    {
        var logits = root.GetProperty($"{run}_logits");
        var best = root.GetProperty($"{run}_best").EnumerateArray()
            .Select(token => new TokenLogit(token[0].GetInt32(), token[1].GetString(), token[2].GetSingle()));
        return new(logits[0].GetSingle(), logits[1].GetSingle(), [.. best]);
    }

    private static float[] Denoised(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var header = (int)BitConverter.ToInt64(bytes);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        var offsets = json.RootElement.GetProperty("denoise.resid_post").GetProperty("data_offsets");
        var (from, to) = (offsets[0].GetInt32(), offsets[1].GetInt32());
        var values = new float[(to - from) / sizeof(float)];
        Buffer.BlockCopy(bytes, 8 + header + from, values, 0, to - from);
        return values;
    }
}
