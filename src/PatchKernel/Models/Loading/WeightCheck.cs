using PatchKernel.Text;
using PatchKernel.Torch;

namespace PatchKernel.Models;

/// <summary>Compares the tensors that a config asks for with those that a checkpoint has.</summary>
internal static class WeightCheck
{
    /// <summary>Passes where every tensor is there, of the right shape and a dtype that can be read, and no other one is.</summary>
    /// <param name="config">What is asked for.</param>
    /// <param name="source">What is there.</param>
    /// <param name="path">Names the checkpoint in errors.</param>
    /// <param name="settings">Names what the config was read from.</param>
    /// <exception cref="PatchKernelException">It isn't so; the message lists everything that is wrong.</exception>
    public static void Check(ModelConfig config, ITensorSource source, string path, string settings)
    {
        var wanted = WeightLayout.All(config).ToDictionary(weight => weight.Key);
        var found = wanted.Values.Select(weight => (Weight: weight, Stored: source.Find(weight.Key)!)).Where(pair => pair.Stored is not null).ToList();
        var head = WeightLayout.Head(config);
        if (config.TiedEmbeddings && source.Find(head.Key) is { } beside) found.Add((head, beside)); // it may be another matrix, and then it is used
        var used = found.Select(pair => pair.Stored).ToHashSet();
        var problems = new List<string>();
        Add(problems, "missing", [.. wanted.Values.Where(weight => source.Find(weight.Key) is null)], weight => Missing(weight, source));
        Add(problems, "unexpected", [.. source.Tensors.Where(stored => !used.Contains(stored) && !StoredFrequencies.IsNameOf(stored.Key) && !config.Family.IsBuffer(stored.Key))],
            stored => $"{Excerpt.Text(stored.Label)} {Excerpt.Shape(stored.Shape)} in {Excerpt.Text(stored.Place)}");
        Add(problems, "of another shape", [.. found.Where(pair => !pair.Stored.Shape.SequenceEqual(pair.Weight.Shape))], WrongShape);
        Add(problems, "of a dtype other than F32, F16 and BF16", [.. found.Where(pair => pair.Stored.Dtype is null)],
            pair => $"{pair.Stored.Label} is {pair.Stored.Type} in {Excerpt.Text(pair.Stored.Place)}");
        if (problems.Count == 0) return;
        if (CommonPrefix(wanted.Keys, source, config.Layout.Base) is { } prefix)
            throw new PatchKernelException($"The tensors in '{path}' are those of its {settings}, but their names begin with '{Excerpt.Text(prefix)}': {Advice(prefix)}.");
        throw new PatchKernelException($"The weights in '{path}' aren't those of its {settings}: {string.Join("; ", problems)}.");
    }

    /// <summary>What stands before the names of all tensors that are asked for, where that is all that is wrong with them; else null.</summary>
    private static string? CommonPrefix(IReadOnlyCollection<string> wanted, ITensorSource source, string own)
    {
        var stored = source.Tensors.Select(tensor => tensor.Key).ToHashSet();
        // With the whole name behind it, or, in a model that has only the base model inside, without "model." or the like.
        return Before([.. wanted]) ?? Before([.. wanted.Where(key => key.StartsWith(own, StringComparison.Ordinal)).Select(key => key[own.Length..])]);

        string? Before(List<string> keys) => stored.Where(key => key.EndsWith($".{keys[^1]}", StringComparison.Ordinal)).Select(key => key[..^keys[^1].Length])
            .FirstOrDefault(prefix => prefix != own && keys.TrueForAll(key => stored.Contains(prefix + key)));
    }

    private static string Advice(string prefix) => prefix switch
    {
        "base_model.model." => "a model inside an adapter's; merge them with merge_and_unload of peft, and save the result",
        "module." => "a model inside PyTorch's DataParallel; save its module alone",
        "_orig_mod." => "a compiled model; save the one that was compiled",
        _ => "a model inside another one; save the inner one alone",
    };

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
