using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What both runs would answer if they ended after each layer: the last position's stream, normed and unembedded there.</summary>
/// <remarks>nostalgebraist 2020, "interpreting GPT: the logit lens". The final norm is applied after every layer, as after the last.</remarks>
public sealed partial class LogitLens
{
    private LogitLens(ModelSummary model, PromptPair pair, LensRun clean, LensRun corrupt) =>
        (Model, Pair, Clean, Corrupt) = (model, pair, clean, corrupt);

    /// <summary>The model that ran.</summary>
    public ModelSummary Model { get; }

    /// <summary>The prompts and the targets.</summary>
    public PromptPair Pair { get; }

    /// <summary>The clean run.</summary>
    public LensRun Clean { get; }

    /// <summary>The corrupt run.</summary>
    public LensRun Corrupt { get; }

    /// <summary>Runs both prompts and reads the stream after each layer.</summary>
    /// <exception cref="PatchKernelException">The pair has an error, or doesn't fit the model.</exception>
    public static LogitLens Run(LanguageModel model, PromptPair pair, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        PairCheck.Run(pair, model.Config.DVocab).ThrowIfErrors();
        return new(model.Summary, pair, Read(model, pair, pair.Clean, cancel), Read(model, pair, pair.Corrupt, cancel));
    }

    /// <summary>Both runs' logit difference after the last layer, and the layer after which the clean run's answer is settled.</summary>
    public override string ToString()
    {
        var clean = Clean.LogitDifference;
        var settled = clean.Count - 1;
        while (settled > 0 && clean[settled - 1] > 0) settled--;
        var place = settled == 0 ? "from the embeddings on" : $"from layer {settled - 1} on";
        var favours = clean[^1] > 0 ? $"; the clean run favours {Pair.CleanTarget} {place}" : "";
        var (inClean, inCorrupt) = (SweepSummary.Fixed(clean[^1]), SweepSummary.Fixed(Corrupt.LogitDifference[^1]));
        return $"{Model.Name}: logit difference {inClean} clean, {inCorrupt} corrupt{favours}";
    }

    private static LensRun Read(LanguageModel model, PromptPair pair, Prompt prompt, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var cache = new ActivationCache(Activation.ResidPre, Activation.ResidPost);
        _ = model.NextTokenLogits(prompt.Ids, [cache], cancel);
        var layers = Enumerable.Range(0, model.Config.NLayers).Select(layer => cache[Activation.ResidPost, layer]);
        var streams = cat([.. layers.Prepend(cache[Activation.ResidPre, 0]).Select(stream => stream.select(1, -1).to(model.DeviceMap.Head.RunsOn))]);
        var logits = model.Unembedding.Forward(model.FinalNorm.Forward(streams));
        var best = logits.argmax(1).cpu().data<long>().ToArray();
        return new(
            Of(pair.CleanTarget), Of(pair.CorruptTarget), [.. best.Select(id => new Target((int)id, model.Tokenizer?.TokenText((int)id)))]);

        float[] Of(Target target) => logits.select(1, target.Id).ToFloats();
    }
}

/// <summary>One run under the lens; index 0 is the embeddings, index l + 1 the stream after layer l.</summary>
/// <param name="CleanTarget">Logits of the clean target.</param>
/// <param name="CorruptTarget">Logits of the corrupt target.</param>
/// <param name="Best">The best tokens.</param>
public sealed record LensRun(IReadOnlyList<float> CleanTarget, IReadOnlyList<float> CorruptTarget, IReadOnlyList<Target> Best)
{
    /// <summary>The clean target's logit less the corrupt target's.</summary>
    public IReadOnlyList<float> LogitDifference { get; } = [.. CleanTarget.Zip(CorruptTarget, (clean, corrupt) => clean - corrupt)];
}
