namespace PatchKernel;

/// <summary>Every site there is; a new one is its file and its line here.</summary>
internal static class SiteCatalog
{
    private static readonly Dictionary<Activation, (Positions Default, Func<bool, Site> Make)> Sites = new()
    {
        [Activation.ResidPre] = (Positions.Each, _ => new ResidPreSite()),
        [Activation.ResidMid] = (Positions.Each, _ => new ResidMidSite()),
        [Activation.ResidPost] = (Positions.Each, _ => new ResidPostSite()),
        [Activation.AttnOut] = (Positions.Each, _ => new AttnOutSite()),
        [Activation.MlpOut] = (Positions.Each, _ => new MlpOutSite()),
        [Activation.MlpPost] = (Positions.Each, _ => new MlpPostSite()),
        [Activation.Q] = (Positions.All, each => new QSite(each)),
        [Activation.K] = (Positions.All, each => new KSite(each)),
        [Activation.V] = (Positions.All, each => new VSite(each)),
        [Activation.Z] = (Positions.All, each => new ZSite(each)),
        [Activation.Pattern] = (Positions.All, each => new PatternSite(each)),
    };

    /// <summary>The activations that a sweep can patch.</summary>
    public static IReadOnlyList<Activation> Activations { get; } = [.. Sites.Keys];

    /// <summary>The site of an activation.</summary>
    /// <exception cref="PatchKernelException">The activation can't be swept, or not in that way.</exception>
    public static Site Of(Activation activation, Positions? positions)
    {
        if (!Sites.TryGetValue(activation, out var known))
            throw new PatchKernelException($"A sweep can't patch {activation.Name()}; choose one of {string.Join(", ", Activations.Select(ActivationNames.Name))}.");
        var wanted = positions ?? known.Default;
        if (known.Default == Positions.Each && wanted == Positions.All)
            throw new PatchKernelException($"A sweep of {activation.Name()} goes position by position; only q, k, v, z and pattern can be patched at all positions together.");
        return known.Make(wanted == Positions.Each);
    }
}
