namespace PatchKernel;

/// <summary>How faithful circuits of one ranking are, from the smallest to the whole model.</summary>
/// <param name="Name">The ranking, <c>eap-ig, signed</c> say.</param>
/// <param name="Values">Faithfulness at each share of the edges.</param>
public sealed record FaithfulnessLine(string Name, IReadOnlyList<float> Values)
{
    /// <summary>The lower end of an interval around each value, or null.</summary>
    public IReadOnlyList<float>? Lower { get; init; }

    /// <summary>The upper end of it.</summary>
    public IReadOnlyList<float>? Upper { get; init; }

    /// <summary>Whether these are random circuits, which rankings are compared with: grey.</summary>
    public bool IsControl { get; init; }
}
