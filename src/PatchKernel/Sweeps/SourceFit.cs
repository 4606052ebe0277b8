namespace PatchKernel.Sweeps;

/// <summary>Whether a prompt's activations can be put into a pair's run: prompts have one length or, by roles, all that the roles ask for.</summary>
internal static class SourceFit
{
    /// <summary>Why they can't; null where they can.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="options">The sweep's site, roles and direction.</param>
    /// <param name="prompt">Where the activations would come from.</param>
    public static string? Fault(PromptPair pair, SweepOptions options, Prompt prompt)
    {
        if (options.Roles is null) return prompt.Length == pair.Clean.Length ? null : "it has another length";
        try
        {
            var places = RolePlaces.Of(new SweepRequest(pair, options));
            for (var place = 0; place < places.Pair.Count; place++) _ = places.Value(place, [(0, prompt)]);
            return null;
        }
        catch (PatchKernelException e)
        {
            return e.Message;
        }
    }

    /// <summary>A mean over prompts: at each position or role where all of them fit, and over all positions otherwise.</summary>
    public static PatchSource.Mean Mean(IReadOnlyList<Prompt> prompts, PromptPair pair, SweepOptions options) =>
        new(prompts, EachPosition: prompts.All(prompt => Fault(pair, options, prompt) is null));
}
