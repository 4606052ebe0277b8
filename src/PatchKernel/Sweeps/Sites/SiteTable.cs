using PatchKernel.Models;
using TorchSharp;
using static PatchKernel.Activation;

namespace PatchKernel.Sweeps;

/// <summary>Every site there is; a new one is a row here.</summary>
internal static class SiteTable
{
    // A stream's site says what its rows have at their stage from a position on; a head's, which z its patch makes.
    private static readonly Site[] Table =
    [
        Stream(ResidPre, Stage.ResidPre, (layer, from) => layer.Source(ResidPre, from)),
        Stream(ResidMid, Stage.ResidMid, (layer, from) => layer.Source(ResidMid, from)),
        Stream(ResidPost, Stage.ResidPost, (layer, from) => layer.Source(ResidPost, from)),
        Stream(AttnOut, Stage.ResidMid, (layer, from) => layer.WithAttention(layer.Source(AttnOut, from), from)),
        Stream(MlpOut, Stage.ResidPost, (layer, from) => layer.BeforeMlp(from).Plus(layer.Source(MlpOut, from))),
        Stream(MlpPost, Stage.ResidPost, (layer, from) => layer.BeforeMlp(from).Plus(layer.Block.Mlp.Output(layer.Source(MlpPost, from)))),
        Heads(Q, config => config.NHeads, SiteStarts.OfQueries((layer, from) =>
            layer.OfEachHead(layer.Base(Q, from), layer.Source(Q, from), queries => layer.Attend(queries, layer.Base(K, 0), layer.Base(V, 0), from)))),
        Heads(K, config => config.NKeyValueHeads, SiteStarts.OfKeys((layer, patched, from) =>
            layer.OfEachHead(layer.Base(K, 0), patched, keys => layer.Attend(layer.Base(Q, from), keys, layer.Base(V, 0), from)))),
        Heads(V, config => config.NKeyValueHeads, SiteStarts.OfKeys((layer, values, from) => layer.Block.Attention.Mix(layer.Base(Pattern, from), values)))
            with { Beside = Pattern },
        Heads(Z, config => config.NHeads, SiteStarts.OfQueries((layer, from) => layer.Source(Z, from))),
        Heads(Pattern, config => config.NHeads, SiteStarts.OfQueries((layer, from) => layer.Block.Attention.Mix(layer.Source(Pattern, from), layer.Base(V, 0))))
            with { EachAxes = ["layer", "head", "query_pos"] },
    ];

    /// <summary>The activations that a sweep can patch.</summary>
    public static IReadOnlyList<Activation> Activations { get; } = [.. Table.Select(site => site.Activation)];

    /// <summary>Those that a sweep can patch in a model.</summary>
    public static IReadOnlyList<Activation> ActivationsIn(ModelConfig config) => [.. Activations.Where(config.Makes)];

    /// <summary>The site of an activation in a model.</summary>
    /// <exception cref="PatchKernelException">The model has no such activation, or it can't be swept, or not in that way.</exception>
    public static Site In(ModelConfig config, Activation activation, Positions? positions) =>
        config.Makes(activation) ? Of(activation, positions) : throw new PatchKernelException(RunShape.NoResidMid);

    /// <summary>The site of an activation in a model, where a cell is a role.</summary>
    /// <exception cref="PatchKernelException">The model has no such activation, or it can't be swept.</exception>
    public static Site ByRole(ModelConfig config, Activation activation)
    {
        var site = In(config, activation, null);
        return site with { Axes = site.HasHeads ? ["layer", "head"] : ["layer"] };
    }

    /// <summary>The site of an activation: by default each position of a stream by itself, and all positions of a head together.</summary>
    /// <exception cref="PatchKernelException">The activation can't be swept, or not in that way.</exception>
    public static Site Of(Activation activation, Positions? positions)
    {
        var site = Array.Find(Table, site => site.Activation == activation)
            ?? throw new PatchKernelException($"A sweep can't patch {activation.Name()}; choose one of {string.Join(", ", Activations.Select(ActivationNames.Name))}.");
        if (positions == Positions.All && site.EachPosition)
            throw new PatchKernelException($"A sweep of {activation.Name()} goes position by position; only q, k, v, z and pattern can be patched at all positions together.");
        return positions == Positions.Each ? site with { Axes = site.EachAxes } : site;
    }

    private static Site Stream(Activation activation, Stage stage, Func<LayerView, int, torch.Tensor> changed) =>
        new(activation, ["layer", "pos"], ["layer", "pos"], stage, SiteStarts.OfStream(changed));

    // A patched head changes what attention adds, so its rows join in front of the MLP.
    private static Site Heads(Activation activation, Func<ModelConfig, int> heads, SiteStarts.Starter starts) =>
        new(activation, ["layer", "head"], ["layer", "pos", "head"], Stage.ResidMid, starts, heads);
}
