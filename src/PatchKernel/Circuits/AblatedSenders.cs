using PatchKernel.Activations;
using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What senders write where an edge isn't in the circuit.</summary>
/// <param name="model">The model.</param>
/// <param name="pair">The pair.</param>
/// <param name="options">What the edges carry.</param>
/// <param name="cancel">Stops before the next layer.</param>
internal sealed class AblatedSenders(LanguageModel model, PromptPair pair, CircuitOptions options, CancellationToken cancel)
{
    /// <summary>Each sender's output, [senders, pos, d_model], or where it is the same at all positions [senders, 1, d_model]; null for nothing.</summary>
    /// <returns>Owned by the caller's dispose scope.</returns>
    public Tensor? Outputs() => options.Source switch
    {
        PatchSource.Zeros => null,
        PatchSource.Mean mean => MeanOf(mean),
        PatchSource.Resampled resampled => SenderOutputs.Of(model, RunOf(resampled.Prompt), cancel),
        _ => SenderOutputs.Of(model, RunOf(pair.Corrupt), cancel),
    };

    private TappedRun RunOf(Prompt prompt) => UnpatchedRuns.Run(pair, prompt, options.Metrics);

    private Tensor MeanOf(PatchSource.Mean mean)
    {
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        long count = 0;
        foreach (var prompt in mean.Prompts)
        {
            using var promptScope = NewDisposeScope();
            var outputs = SenderOutputs.Of(model, mean.EachPosition ? RunOf(prompt) : new TappedRun(prompt.Ids, TapSequence.None), cancel);
            count += mean.EachPosition ? 1 : outputs.shape[1];
            var part = mean.EachPosition ? outputs : outputs.sum(1, keepdim: true);
            sum = promptScope.MoveToOuter(sum is null ? part.alias() : sum.Plus(part));
        }
        return scope.MoveToOuter(sum!.Over(count));
    }
}
