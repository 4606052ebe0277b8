using PatchKernel.Sweeps;

namespace PatchKernel.Charts;

/// <summary>Rows that are roles.</summary>
internal static class RoleRows
{
    /// <summary>The roles, from top to bottom; each token of <c>.each</c> is a row with its text.</summary>
    public static CategoryAxis Axis(PromptPair pair, IReadOnlyList<RolePlace> places) => new("Role", [.. places.Select(place => Label(pair, place, places))])
    {
        InFull = [.. places.Select(place => PlaceText.Named(pair, place))],
    };

    private static string Label(PromptPair pair, RolePlace place, IReadOnlyList<RolePlace> places) =>
        place.Role.EndsWith(".each", StringComparison.Ordinal) || places.Count(other => other.Role == place.Role) > 1
            ? $"{place.Role} {ChartText.Shortened(PlaceText.Tokens(pair.Clean, place.Clean))}" : place.Role;
}
