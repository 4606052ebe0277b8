using PatchKernel.Activations;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

// Runs that users start: each takes any number of taps, which act in the order given.
public sealed partial class LanguageModel
{
    /// <summary>A text in the model's tokens, the template's special tokens added.</summary>
    /// <exception cref="PatchKernelException">The model has no tokenizer that can be used, or it can't spell the text.</exception>
    public Prompt Encode(string text) => Prompt.FromText(
        text, Tokenizer ?? throw new PatchKernelException($"{Name} has no tokenizer that can be used; give token ids instead of a text."));

    /// <summary>Runs a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="taps">Read or replace activations, in the order given; see <see cref="Tap"/>.</param>
    /// <exception cref="PatchKernelException">The prompt doesn't fit the model, a tap doesn't fit the run, or a logit is infinite or not a number.</exception>
    public ModelRun Run(Prompt prompt, params IReadOnlyList<ITap> taps) => new(Name, prompt, NextTokenLogits(prompt.Ids, taps), Tokenizer);

    /// <summary>Runs a text.</summary>
    /// <inheritdoc cref="Run(Prompt, IReadOnlyList{ITap})"/>
    public ModelRun Run(string prompt, params IReadOnlyList<ITap> taps) => Run(Encode(prompt), taps);

    /// <summary>Runs token ids.</summary>
    /// <inheritdoc cref="Run(Prompt, IReadOnlyList{ITap})"/>
    public ModelRun Run(IReadOnlyList<int> prompt, params IReadOnlyList<ITap> taps) => Run(WithTokens(prompt), taps);

    /// <summary>Runs a prompt and keeps its activations.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="wanted">What to keep; everything when empty.</param>
    /// <returns>The run; the caller's to dispose.</returns>
    public CachedRun RunWithCache(Prompt prompt, params IReadOnlyCollection<Activation> wanted) => RunWithCache(prompt, wanted, []);

    /// <summary>Runs token ids and keeps their activations.</summary>
    /// <inheritdoc cref="RunWithCache(Prompt, IReadOnlyCollection{Activation})"/>
    public CachedRun RunWithCache(IReadOnlyList<int> prompt, params IReadOnlyCollection<Activation> wanted) => RunWithCache(WithTokens(prompt), wanted, []);

    /// <summary>Runs a prompt under taps and keeps its activations as the taps leave them.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="wanted">What to keep; everything when empty.</param>
    /// <param name="taps">Read or replace activations, in the order given; see <see cref="Tap"/>.</param>
    /// <returns>The run; the caller's to dispose.</returns>
    public CachedRun RunWithCache(Prompt prompt, IReadOnlyCollection<Activation> wanted, params IReadOnlyList<ITap> taps)
    {
        var cache = new ActivationCache(wanted);
        try
        {
            var kept = Enum.GetValues<Activation>().Where(activation => cache.Wants(activation, 0)).Sum(activation =>
                ActivationSize.Of(activation, Config, prompt.Length) * (activation is Activation.Embed or Activation.FinalNorm ? 1 : Config.NLayers));
            if (kept > int.MaxValue / sizeof(float)) MemoryRoom.Of(this, given: null).RefuseLess(sizeof(float) * kept, $"Keeping so many activations of {prompt.Length:N0} tokens");
            return new CachedRun(Name, prompt, NextTokenLogits(prompt.Ids, [.. taps, cache]), Tokenizer, cache);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>A prompt's best next tokens.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="count">How many.</param>
    /// <param name="taps">Read or replace activations, in the order given; see <see cref="Tap"/>.</param>
    /// <exception cref="PatchKernelException">The prompt doesn't fit the model, a tap doesn't fit the run, or a logit is infinite or not a number.</exception>
    public Prediction Predict(Prompt prompt, int count, params IReadOnlyList<ITap> taps) =>
        count > 0 ? Prediction.Of(prompt, NextTokenLogits(prompt.Ids, taps), count, Tokenizer) : throw new PatchKernelException($"{count} tokens can't be shown; ask for at least one.");

    /// <summary>A prompt's ten best next tokens.</summary>
    /// <inheritdoc cref="Predict(Prompt, int, IReadOnlyList{ITap})"/>
    public Prediction Predict(Prompt prompt, params IReadOnlyList<ITap> taps) => Run(prompt, taps).Prediction;

    /// <summary>Logits at the last position alone, as a managed array; the other positions are never unembedded.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="taps">Read or replace activations, in the order given; see <see cref="Tap"/>.</param>
    /// <returns>[d_vocab].</returns>
    /// <exception cref="PatchKernelException">There are no ids, one is outside the vocabulary, a tap doesn't fit the run, or a logit is infinite or not a number.</exception>
    public float[] NextTokenLogits(IReadOnlyList<int> ids, params IReadOnlyList<ITap> taps) => NextTokenLogits(ids, taps, CancellationToken.None);

    /// <inheritdoc cref="NextTokenLogits(IReadOnlyList{int}, IReadOnlyList{ITap})"/>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="taps">Read or replace activations, in the order given; see <see cref="Tap"/>.</param>
    /// <param name="cancel">Stops the run before its next layer; in a notebook, the stop button does where none is given.</param>
    public float[] NextTokenLogits(IReadOnlyList<int> ids, IReadOnlyList<ITap> taps, CancellationToken cancel)
    {
        cancel = HostStop.Or(cancel);
        using var logits = FiniteLogits(new TappedRun(ids, TapSequence.Of(taps)), cancel);
        return logits.ToFloats();
    }

    /// <summary>Logits at every position.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="taps">Read or replace activations, in the order given; see <see cref="Tap"/>.</param>
    /// <returns>[batch = 1, pos, d_vocab], float32; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">There are no ids, one is outside the vocabulary, a tap doesn't fit the run, or a logit is infinite or not a number.</exception>
    public Tensor Forward(IReadOnlyList<int> ids, params IReadOnlyList<ITap> taps)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        TappedRun run = new(ids, TapSequence.Of(taps));
        var cancel = HostStop.Or(CancellationToken.None);
        var logits = Unembedding.Forward(new ForwardPass(this).Streams([run], cancel)[0]);
        NonFinite.Refuse(this, [run], logits, cancel);
        return scope.MoveToOuter(logits);
    }

    /// <summary>A run's logits at its last position, [batch = 1, d_vocab]; owned by the caller's dispose scope.</summary>
    /// <exception cref="PatchKernelException">One is infinite or not a number.</exception>
    private Tensor FiniteLogits(TappedRun run, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var logits = LastLogits([run], cancel);
        NonFinite.Refuse(this, [run], logits, cancel);
        return scope.MoveToOuter(logits);
    }

    private Prompt WithTokens(IReadOnlyList<int> ids) => new(null, ids, Tokenizer is { } tokenizer ? [.. ids.Select(tokenizer.TokenText)] : null);
}
