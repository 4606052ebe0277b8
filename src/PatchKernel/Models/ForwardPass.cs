using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Full forward passes of some runs, side by side through the layers, so that each weight is handed over once.</summary>
internal sealed class ForwardPass(LanguageModel model)
{
    private readonly Dictionary<(RopeConfig? Rope, int From, int Count), Rotation> rotations = []; // on the layer's device

    /// <summary>Each run's stream after the final norm, [batch, pos, d_model]; owned by the caller's dispose scope.</summary>
    /// <param name="runs">A tap may read, in a layer, what the taps of earlier runs kept there.</param>
    /// <param name="cancel">Stops the runs before their next layer.</param>
    public Tensor[] Streams(IReadOnlyList<TappedRun> runs, CancellationToken cancel)
    {
        foreach (var run in runs) Check(run);
        runs = [.. runs.Select(run => run with { Watcher = run.Watcher.Begin(run.Shape(model.Config)) })];
        CheckMemory(runs);
        return OutOfMemory.Guard(() => Compute(runs, cancel));
    }

    private Tensor[] Compute(IReadOnlyList<TappedRun> runs, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var map = model.DeviceMap;
        // Aliases, which are this method's own to free: a tap may have returned a tensor of somebody else's.
        var streams = runs.Select(run => run.Watcher.Visit(Activation.Embed, 0, model.Embed(run.Ids, run.From)).alias()).ToArray();
        Device? device = null;
        try
        {
            for (var layer = 0; layer < model.Config.NLayers; layer++)
            {
                cancel.ThrowIfCancellationRequested();
                if (device?.IsSame(map.Layer(layer).RunsOn) != true) Move(streams, device = map.Layer(layer).RunsOn);
                using var lease = model.Weights.Layer(layer);
                var block = new Block(model.Config, layer, lease.Weights);
                for (var run = 0; run < runs.Count; run++)
                {
                    var rows = new PromptRows(runs[run].Watcher, layer, RotationOf(layer, runs[run]), runs[run].Past);
                    using var blockScope = NewDisposeScope();
                    using var entering = streams[run];
                    streams[run] = blockScope.MoveToOuter(block.Forward(entering.squeeze(0), rows).unsqueeze(0));
                }
            }
        }
        finally
        {
            model.Weights.EndPass();
        }
        return [.. runs.Zip(streams, (run, stream) => scope.MoveToOuter(
            run.Watcher.Visit(Activation.FinalNorm, model.Config.NLayers - 1, model.FinalNorm.Forward(stream.to(map.Head.RunsOn)))))];
    }

    /// <summary>A layer's rotation at a run's positions; layers of one device and rotary embedding share it.</summary>
    private Rotation RotationOf(int layer, TappedRun run)
    {
        var key = (model.Config.PositionsOf(layer).Rope, run.From, run.Ids.Count);
        if (!rotations.TryGetValue(key, out var rotation)) rotations.Add(key, rotation = model.Rotation(layer, run.From, run.From + run.Ids.Count));
        return rotation;
    }

    private void Move(Tensor[] streams, Device device)
    {
        for (var run = 0; run < streams.Length; run++)
        {
            using var entering = streams[run];
            streams[run] = entering.to(device);
        }
        rotations.Clear(); // they lie on the device before; its scope frees them
    }

    /// <summary>Whether a whole pattern would have more scores than there should be at once.</summary>
    private bool IsLong(int length) => QueryBlocks.Most(model.Config.NHeads, length) < length;

    /// <summary>Long prompts alone: whether what one layer computes, beside every run's stream, fits in memory.</summary>
    private void CheckMemory(IReadOnlyList<TappedRun> runs)
    {
        var longest = runs.MaxBy(run => run.Ids.Count);
        if (!IsLong(longest.Ids.Count)) return;
        var streams = runs.Sum(run => ActivationSize.Of(Activation.ResidPre, model.Config, run.Ids.Count)) * sizeof(float);
        var whole = Enumerable.Range(0, model.Config.NLayers).Any(layer => longest.Watcher.Wants(Activation.Pattern, layer));
        MemoryRoom.Of(model, given: null).RefuseLess(
            streams + ForwardMemory.Of(model.Config, longest.Ids.Count, whole), $"A run of {longest.Ids.Count:N0} tokens{(whole ? ", with their whole attention pattern," : "")}");
    }

    /// <summary>Refuses a run's tokens that the model has no place for.</summary>
    /// <exception cref="PatchKernelException">There is none, one is outside the vocabulary, or there are more than positions.</exception>
    public void Check(TappedRun run)
    {
        var (vocabulary, ids, most) = (model.Config.DVocab, run.Ids, model.Config.MaxPositions);
        if (ids.Count == 0) throw new PatchKernelException("The prompt is empty; give it at least one token.");
        foreach (var id in ids)
            if (id < 0 || id >= vocabulary)
                throw new PatchKernelException($"Token id {id} is outside the model's vocabulary of {vocabulary}; ids run from 0 to {vocabulary - 1}.");
        if (model.Config.Parts.LearnedPositions && run.From + ids.Count > most)
            throw new PatchKernelException($"{model.Name} has a table of {most} positions, and the run has {run.From + ids.Count} tokens; give it a shorter prompt.");
    }
}

/// <summary>A run of some tokens, and what watches it.</summary>
/// <param name="Ids">The tokens' ids.</param>
/// <param name="Watcher">Sees each activation.</param>
/// <param name="Past">Keys and values of the tokens before, to which these are added; null where these are the whole prompt.</param>
internal readonly record struct TappedRun(IReadOnlyList<int> Ids, ITap Watcher, KeyValues? Past = null)
{
    /// <summary>How many of the last positions are unembedded.</summary>
    public int Read { get; init; } = 1;

    /// <summary>The first token's position.</summary>
    public int From => Past?.Count ?? 0;

    /// <summary>Which step of a generation it is; 0 outside one.</summary>
    public int Step { get; init; }

    /// <summary>How many steps the generation has at most; 1 outside one.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>What the run has places for.</summary>
    public RunShape Shape(ModelConfig config) =>
        new(config.NLayers, Ids.Count, config.NHeads, config.NKeyValueHeads) { FirstPosition = From, Step = Step, Steps = Steps, HasNoResidMid = !config.Makes(Activation.ResidMid) };
}
