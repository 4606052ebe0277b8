using PatchKernel.Activations;
using PatchKernel.Models;
using PatchKernel.Runs;

namespace PatchKernel;

// Generation: the prompt in one pass, then token by token, each pass reading the keys and values of those before.
public sealed partial class LanguageModel
{
    /// <summary>Goes on with a prompt, taking the best token each time.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxTokens">How many new tokens at most; fewer where the model ends its text before.</param>
    /// <param name="taps">
    /// Read or replace activations, in the order given; see <see cref="Tap"/>. Each acts on the prompt and on every new token, unless
    /// <see cref="ActivationTap.OnPrompt"/> and the like say when. A tap's position is counted from the prompt's first token, and acts in the step that reads it.
    /// </param>
    /// <exception cref="PatchKernelException">The prompt, with so many new tokens, doesn't fit the model, a tap doesn't fit the run, or a logit is infinite or not a number.</exception>
    public Generation Generate(Prompt prompt, int maxTokens, params IReadOnlyList<ITap> taps) => Generate(prompt, maxTokens, new GenerationOptions(), taps);

    /// <summary>Goes on with a text, taking the best token each time.</summary>
    /// <inheritdoc cref="Generate(Prompt, int, IReadOnlyList{ITap})"/>
    public Generation Generate(string prompt, int maxTokens, params IReadOnlyList<ITap> taps) => Generate(Encode(prompt), maxTokens, taps);

    /// <summary>Goes on with token ids, taking the best token each time.</summary>
    /// <inheritdoc cref="Generate(Prompt, int, IReadOnlyList{ITap})"/>
    public Generation Generate(IReadOnlyList<int> prompt, int maxTokens, params IReadOnlyList<ITap> taps) => Generate(WithTokens(prompt), maxTokens, taps);

    /// <summary>Goes on with a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxTokens">How many new tokens at most; fewer where the model ends its text before.</param>
    /// <param name="options">Temperature, seed, and whether it stops at the end of the text.</param>
    /// <param name="taps">Read or replace activations, in the order given; null for none.</param>
    /// <param name="progress">Receives each new token; null for none.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <exception cref="PatchKernelException">The prompt, with so many new tokens, doesn't fit the model, a tap doesn't fit the run, or a logit is infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Generation Generate(
        Prompt prompt, int maxTokens, GenerationOptions options, IReadOnlyList<ITap>? taps = null, IProgress<Target>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options.Check(Config, prompt, maxTokens);
        var (tap, choice, ends) = (TapSequence.Of(taps ?? []), new TokenChoice(options), EndOfTextIds);
        var turn = TurningPoint(prompt.Length, prompt.Length + maxTokens - 1);
        if (turn is { } at && taps?.Count > 0)
            throw new PatchKernelException($"{Name} turns by other angles after {at} tokens and reads all of them again there, which taps would see twice; give a shorter prompt, fewer new tokens, or no taps.");
        using var past = OutOfMemory.Guard(() => RoomFor(prompt.Length + maxTokens - 1));
        List<int> newIds = [];
        for (var read = prompt.Ids; newIds.Count < maxTokens; read = [newIds[^1]])
        {
            if (past.Count == turn)
            {
                past.Drop(past.Count);
                read = [.. prompt.Ids, .. newIds]; // all of it again, as transformers does
            }
            using var logits = FiniteLogits(new TappedRun(read, tap, past) { Step = newIds.Count, Steps = maxTokens }, cancel);
            var id = choice.Next(logits.ToFloats());
            newIds.Add(id);
            progress?.Report(new Target(id, Tokenizer?.TokenText(id)));
            if (options.StopAtEndOfText && ends.Contains(id)) break;
        }
        return new Generation(Name, prompt, newIds, ends.Contains(newIds[^1]), Tokenizer);
    }

    /// <summary>The number of tokens after which kept keys are no longer right, where a generation passes it.</summary>
    private int? TurningPoint(int prompt, int all) => Enumerable.Range(0, Config.NLayers).Select(layer => Config.PositionsOf(layer).Rope?.TurningPoint)
        .FirstOrDefault(turn => turn >= prompt && turn < all);

    private KeyValues RoomFor(int positions)
    {
        var bytes = 2L * sizeof(float) * Config.NLayers * Config.NKeyValueHeads * Config.DHead * positions;
        if (bytes > int.MaxValue) MemoryRoom.Of(this, given: null).RefuseLess(bytes, $"Keeping the keys and values of {positions:N0} tokens");
        return new KeyValues(this, positions);
    }
}
