using PatchKernel.Activations;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Refuses logits that are infinite or not a number, and names the first activation that is.</summary>
internal static class NonFinite
{
    /// <summary>Throws where the logits of one of some runs aren't finite.</summary>
    /// <param name="model">The model that ran.</param>
    /// <param name="runs">The runs, side by side.</param>
    /// <param name="logits">[runs, .., d_vocab], in the runs' order.</param>
    /// <param name="cancel">Stops the search.</param>
    /// <exception cref="NonFiniteException">A logit is infinite or not a number; the message says where that begins.</exception>
    public static void Refuse(LanguageModel model, IReadOnlyList<TappedRun> runs, Tensor logits, CancellationToken cancel = default)
    {
        if (IsFinite(logits)) return;
        using var scope = NewDisposeScope();
        for (var run = 0; run < runs.Count; run++)
            if (!IsFinite(logits[run])) throw Error(model, runs, run, "The run's", cancel);
    }

    /// <summary>Whether all values are finite. Uses max and min, which need no mask of the tensor's size.</summary>
    public static bool IsFinite(Tensor values)
    {
        using var scope = NewDisposeScope();
        return Is(values.max()) && Is(values.min());

        static bool Is(Tensor number) => double.IsFinite(number.to(ScalarType.Float64).item<double>());
    }

    /// <summary>The error of a run whose logits aren't finite; runs it once more to find where that begins.</summary>
    /// <param name="model">The model that ran.</param>
    /// <param name="runs">The run, and those whose activations its taps read.</param>
    /// <param name="run">Which of them it is.</param>
    /// <param name="whose">Whose logits they are, as the sentence begins.</param>
    /// <param name="cancel">Stops the search.</param>
    public static NonFiniteException Error(LanguageModel model, IReadOnlyList<TappedRun> runs, int run, string whose, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (before, after) = (new Probe(), new Probe());
        foreach (var done in runs) done.Past?.Drop(done.Ids.Count);
        var probed = runs.ToArray();
        probed[run] = runs[run] with { Watcher = new TapSequence(before, runs[run].Watcher, after) };
        var from = runs[run].From;
        _ = new ForwardPass(model).Streams(probed, cancel);
        var where = after.First is { } first ? Place(first with { Pos = first.Pos + from }, model.Config.NLayers) : "the unembedding (lm_head), since every activation is finite";
        var put = after.First is { } found && before.First != found;
        return new NonFiniteException(
            $"{whose} logits are infinite or not a number, and the first such number is in {where}: {(put ? "a tap put it in" : Advice(model))}.");
    }

    private static string Place((Activation Activation, int Layer, int Pos) first, int layers) => first.Activation switch
    {
        Activation.Embed => $"embed, at position {first.Pos}",
        Activation.FinalNorm => $"final_norm, after layer {layers - 1}, at position {first.Pos}",
        _ => $"{first.Activation.Name()} of layer {first.Layer}, at position {first.Pos}",
    };

    private static string Advice(LanguageModel model) => model.Dtype == ScalarType.Float16
        ? "float16 ends at 65504, so run the model in float32 or bfloat16"
        : "the weights there are damaged or far too large, so get the model's files anew or take another model";

    /// <summary>Looks for the first activation that isn't finite; a pattern shows in z.</summary>
    private sealed class Probe : ITap
    {
        public (Activation Activation, int Layer, int Pos)? First { get; private set; }

        public bool Wants(Activation activation, int layer) => activation != Activation.Pattern;

        public Tensor Visit(Activation activation, int layer, Tensor value)
        {
            if (First is not null || activation == Activation.Pattern || IsFinite(value)) return value;
            using var scope = NewDisposeScope();
            var bad = value.isfinite().logical_not().flatten(2).any(2)[0]; // [pos]
            First = (activation, layer, (int)bad.to(ScalarType.Int32).argmax().item<long>());
            return value;
        }
    }
}
