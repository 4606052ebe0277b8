using PatchKernel.Circuits;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Circuits put to the test: the clean run in which only a circuit's edges are live, and all others carry something else.</summary>
/// <remarks>Wang et al. 2022, arXiv:2211.00593; Goldowsky-Dill et al. 2023, arXiv:2304.05969; edges as in Hanna et al. 2024, arXiv:2403.17806.</remarks>
public static class CircuitRun
{
    /// <summary>Runs circuits, and measures the last position's logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="circuits">The circuits, all of the model's graph.</param>
    /// <param name="options">What the other edges carry, and what is measured.</param>
    /// <param name="progress">Receives the number of circuits done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, an option or a circuit makes it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CircuitResult Run(
        LanguageModel model, PromptPair pair, IReadOnlyList<Circuit> circuits, CircuitOptions? options = null, IProgress<SweepProgress>? progress = null,
        CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        Check(model, [pair], circuits, options);
        using var noGrad = no_grad();
        CircuitResult? result = null;
        OutOfMemory.Guard(() => new CircuitRuns(model, new EdgeGraph(model.Config), circuits, options) { Progress = progress, Cancel = cancel }.Run([pair], (_, found) => result = found));
        return result!;
    }

    /// <summary>Refuses what can't be run, before anything is.</summary>
    /// <exception cref="PatchKernelException">A pair, an option or a circuit makes it impossible.</exception>
    internal static void Check(LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Circuit> circuits, CircuitOptions options)
    {
        EdgePairs.Check(model, pairs, options.Check);
        IReadOnlyList<Prompt> sources = options.Source switch { PatchSource.Mean mean => mean.Prompts, PatchSource.Resampled resampled => [resampled.Prompt], _ => [] };
        foreach (var prompt in sources) new ForwardPass(model).Check(new TappedRun(prompt.Ids, Activations.TapSequence.None));
        if (circuits.Count == 0) throw new PatchKernelException("There is no circuit to run; give at least one.");
        var graph = new EdgeGraph(model.Config);
        foreach (var circuit in circuits) circuit.CheckFor(model.Name, graph);
    }
}
