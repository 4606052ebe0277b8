using PatchKernel.Activations;
using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>What senders write where an edge isn't in the circuit.</summary>
/// <param name="model">The model.</param>
/// <param name="options">What the edges carry.</param>
/// <param name="cancel">Stops before the next layer.</param>
internal sealed class AblatedSenders(LanguageModel model, CircuitOptions options, CancellationToken cancel) : IDisposable
{
    private readonly Dictionary<string, Tensor> means = []; // by the answer that is read behind the prompts

    /// <summary>Each sender's output, [senders, pos, d_model], or where it is the same at all positions [senders, 1, d_model]; null for nothing.</summary>
    /// <returns>Owned by the caller's dispose scope; a mean by this.</returns>
    public Tensor? Outputs(PromptPair pair) => options.Source switch
    {
        PatchSource.Zeros => null,
        PatchSource.Mean mean => MeanFor(mean, pair),
        PatchSource.Resampled resampled => SenderOutputs.Of(model, RunOf(pair, resampled.Prompt), cancel),
        _ => SenderOutputs.Of(model, RunOf(pair, pair.Corrupt), cancel),
    };

    private TappedRun RunOf(PromptPair pair, Prompt prompt) => UnpatchedRuns.Run(pair, prompt, options.Metrics);

    /// <summary>The mean, which pairs share.</summary>
    private Tensor MeanFor(PatchSource.Mean mean, PromptPair pair)
    {
        var answer = mean.EachPosition ? string.Join(' ', Metric.ReadBehind(pair, options.Metrics)) : "";
        return means.TryGetValue(answer, out var known) ? known : means[answer] = MeanOf(mean, pair).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var mean in means.Values) mean.Dispose();
    }

    private Tensor MeanOf(PatchSource.Mean mean, PromptPair pair)
    {
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        long count = 0;
        foreach (var prompt in mean.Prompts)
        {
            using var promptScope = NewDisposeScope();
            var outputs = SenderOutputs.Of(model, mean.EachPosition ? RunOf(pair, prompt) : new TappedRun(prompt.Ids, TapSequence.None), cancel);
            count += mean.EachPosition ? 1 : outputs.shape[1];
            var part = mean.EachPosition ? outputs : outputs.sum(1, keepdim: true);
            sum = promptScope.MoveToOuter(sum is null ? part.alias() : sum.Plus(part));
        }
        return scope.MoveToOuter(sum!.Over(count));
    }
}
