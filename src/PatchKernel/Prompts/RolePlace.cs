namespace PatchKernel;

/// <summary>Where a role is in a pair's prompts.</summary>
/// <param name="Role">The role's name.</param>
/// <param name="Clean">Its positions in the clean prompt.</param>
/// <param name="Corrupt">Its positions in the corrupt prompt: as many, one for one, unless it is a mean.</param>
public sealed record RolePlace(string Role, IReadOnlyList<int> Clean, IReadOnlyList<int> Corrupt)
{
    /// <summary>Whether the mean over one run's positions is put at each of the other's.</summary>
    public bool IsMean { get; init; }
}
