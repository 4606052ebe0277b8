namespace PatchKernel;

/// <summary>Compares the tensors that a config asks for with those that a checkpoint has.</summary>
internal static class WeightCheck
{
    /// <summary>Passes where every tensor is there, of the right shape and a dtype that can be read, and no other one is.</summary>
    /// <exception cref="PatchKernelException">It isn't so; the message lists everything that is wrong.</exception>
    public static void Check(LlamaConfig config, CheckpointFiles files, string folder)
    {
        var wanted = WeightLayout.All(config).ToDictionary(weight => weight.Key);
        var found = Found(wanted.Values, files).ToList();
        var problems = new List<string>();
        Add(problems, "missing", wanted.Values.Where(weight => files.ShardOf(weight.Key) is null).Select(weight => Missing(weight, files)));
        Add(problems, "unexpected", Unexpected(config, files, wanted));
        Add(problems, "of another shape", found.Where(pair => !pair.Stored.Shape.SequenceEqual(pair.Weight.Shape)).Select(WrongShape));
        Add(problems, "of a dtype other than F32, F16 and BF16", found.Where(pair => !pair.Stored.Dtype.IsWeight)
            .Select(pair => $"{pair.Weight.Key} is {pair.Stored.Dtype.Name} in {pair.Shard}"));
        if (problems.Count > 0)
            throw new PatchKernelException($"The weights in '{folder}' aren't those of its config.json: {string.Join("; ", problems)}.");
    }

    /// <summary>Tensors that some checkpoints carry along and nothing reads: rope frequencies, and an unembedding beside tied embeddings.</summary>
    private static bool IsIgnored(LlamaConfig config, string key) =>
        key.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TiedEmbeddings && key == "lm_head.weight");

    private static string WrongShape((WeightSpec Weight, string Shard, StoredTensor Stored) pair) =>
        $"{pair.Weight.Key} is {Excerpt.Shape(pair.Stored.Shape)} in {pair.Shard} and {Excerpt.Shape(pair.Weight.Shape)} by the config";

    private static string Missing(WeightSpec weight, CheckpointFiles files) =>
        $"{weight.Key} {Excerpt.Shape(weight.Shape)}" + (files.PlaceOf(weight.Key) is { } place ? $" (the index places it in {place})" : "");

    private static IEnumerable<string> Unexpected(LlamaConfig config, CheckpointFiles files, Dictionary<string, WeightSpec> wanted) =>
        from shard in files.Shards
        from stored in shard.Value.Tensors.Values
        where !IsIgnored(config, stored.Name) && !(wanted.ContainsKey(stored.Name) && files.ShardOf(stored.Name) == shard.Key)
        select $"{Excerpt.Text(stored.Name)} {Excerpt.Shape(stored.Shape)} in {shard.Key}";

    private static IEnumerable<(WeightSpec Weight, string Shard, StoredTensor Stored)> Found(
        IEnumerable<WeightSpec> wanted, CheckpointFiles files) =>
        from weight in wanted
        let shard = files.ShardOf(weight.Key)
        where shard is not null
        select (weight, shard, files.Shards[shard].Tensors[weight.Key]);

    private static void Add(List<string> problems, string what, IEnumerable<string> names)
    {
        var list = names.ToList();
        if (list.Count > 0) problems.Add($"{list.Count} {what}: {Excerpt.List(list)}");
    }
}
