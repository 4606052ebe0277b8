namespace PatchKernel;

/// <summary>Long lists in one sentence.</summary>
internal static class Listing
{
    private const int Shown = 10;

    /// <summary>The first ten, and how many more there are.</summary>
    public static string Of(IReadOnlyList<string> items) =>
        string.Join(", ", items.Take(Shown)) + (items.Count > Shown ? $" and {items.Count - Shown} more" : "");
}
