namespace PatchKernel.Circuits;

/// <summary>The positions at which edges are patched or count.</summary>
internal static class EdgePositions
{
    /// <summary>The positions of a pair, in order; null for all.</summary>
    /// <param name="positions">Positions, as they are given; null where there are none.</param>
    /// <param name="roles">What stands at the positions; null where there are none.</param>
    /// <param name="pair">The pair.</param>
    /// <exception cref="PatchKernelException">A prompt doesn't have them, or a role isn't at the same positions of both prompts.</exception>
    public static IReadOnlyList<int>? Of(IReadOnlyList<int>? positions, IReadOnlyList<TokenRole>? roles, PromptPair pair)
    {
        if (positions is not null && roles is not null) throw new PatchKernelException("Edges go by positions or by roles; leave one of them out.");
        if (roles is null)
        {
            PathOptions.CheckPositions(positions, pair);
            return positions;
        }
        if (roles.Count == 0) throw new PatchKernelException("Edges by roles need at least one, such as last; leave Roles out for all positions.");
        return [.. roles.SelectMany(role => role.In(pair.Clean, pair.Corrupt)).SelectMany(At).Distinct().Order()];
    }

    private static IReadOnlyList<int> At(RolePlace place) => place.IsMean
        ? throw new PatchKernelException($"The role {place.Role} is a mean over tokens, and an edge carries what its sender writes at each of them; take .all or .each of the span instead.")
        : place.Clean.SequenceEqual(place.Corrupt) ? place.Clean
        : throw new PatchKernelException($"The role {place.Role} is at other positions in the clean prompt than in the corrupt one, and an edge carries what its sender writes at one position; take a role that stands at the same positions of both.");
}
