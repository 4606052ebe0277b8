namespace PatchKernel;

/// <summary>Compares the tensors that a config asks for with those that a checkpoint has.</summary>
internal static class WeightCheck
{
    /// <summary>Passes where every tensor is there, of the right shape and a dtype that can be read, and no other one is.</summary>
    /// <param name="config">What is asked for.</param>
    /// <param name="source">What is there.</param>
    /// <param name="path">Names the checkpoint in errors.</param>
    /// <param name="settings">Names what the config was read from.</param>
    /// <exception cref="PatchKernelException">It isn't so; the message lists everything that is wrong.</exception>
    public static void Check(LlamaConfig config, ITensorSource source, string path, string settings)
    {
        var wanted = WeightLayout.All(config).ToDictionary(weight => weight.Key);
        var found = wanted.Values.Select(weight => (Weight: weight, Stored: source.Find(weight.Key)!)).Where(pair => pair.Stored is not null).ToList();
        var used = found.Select(pair => pair.Stored).ToHashSet();
        var problems = new List<string>();
        Add(problems, "missing", [.. wanted.Values.Where(weight => source.Find(weight.Key) is null)], weight => Missing(weight, source));
        Add(problems, "unexpected", [.. source.Tensors.Where(stored => !used.Contains(stored) && !IsIgnored(config, stored.Key))],
            stored => $"{Excerpt.Text(stored.Label)} {Excerpt.Shape(stored.Shape)} in {Excerpt.Text(stored.Place)}");
        Add(problems, "of another shape", [.. found.Where(pair => !pair.Stored.Shape.SequenceEqual(pair.Weight.Shape))], WrongShape);
        Add(problems, "of a dtype other than F32, F16 and BF16", [.. found.Where(pair => pair.Stored.Dtype is null)],
            pair => $"{pair.Stored.Label} is {pair.Stored.Type} in {Excerpt.Text(pair.Stored.Place)}");
        if (problems.Count > 0)
            throw new PatchKernelException($"The weights in '{path}' aren't those of its {settings}: {string.Join("; ", problems)}.");
    }

    /// <summary>Tensors that some checkpoints carry along and nothing reads: rope frequencies, and an unembedding beside tied embeddings.</summary>
    private static bool IsIgnored(LlamaConfig config, string key) =>
        key.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TiedEmbeddings && key == "lm_head.weight");

    private static string Missing(WeightSpec weight, ITensorSource source)
    {
        var (label, place) = source.Describe(weight.Key);
        return $"{label} {Excerpt.Shape(weight.Shape)}{place}";
    }

    private static string WrongShape((WeightSpec Weight, SourceTensor Stored) pair) =>
        $"{pair.Stored.Label} is {Excerpt.Shape(pair.Stored.Shape)} in {Excerpt.Text(pair.Stored.Place)} and {Excerpt.Shape(pair.Weight.Shape)} by the config";

    private static void Add<T>(List<string> problems, string what, IReadOnlyCollection<T> found, Func<T, string> describe)
    {
        if (found.Count > 0) problems.Add($"{found.Count} {what}: {Excerpt.List(found, describe)}");
    }
}
