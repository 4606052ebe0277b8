namespace PatchKernel.TrainMini;

/// <summary>Where a training step lets information be, so that the circuit comes to lie where it is designed to.</summary>
/// <param name="Sees">Whether a layer's query position may look at a key position, not after it.</param>
/// <param name="Exchanges">
/// Whether a position enters a layer with another question's stream, so that no answer can rely on it: an interchange intervention, as in Geiger et al. 2022,
/// arXiv:2112.00826.
/// </param>
internal sealed record Circuit(Func<int, int, int, bool> Sees, Func<int, int, bool> Exchanges)
{
    private const int Window = 3;
    private const int MarkLayer = 3; // the options are marked in this layer and the next
    private const int ReadLayer = 5; // the answer is read from here on
    private const int ChoiceReadLayer = 4;

    /// <summary>Every position sees all before it and keeps its own stream.</summary>
    public static Circuit Free { get; } = new((_, _, _) => true, (_, _) => false);

    /// <summary>
    /// The tutorial's wording: the subject is put together at its last name, the options' last names look at it and mark the right one, and the answer's
    /// positions look at these.
    /// </summary>
    public static Circuit Tutorial(Roles roles) => new(
        (layer, query, key) => key == 0 || key > query - Window
            || (layer >= MarkLayer && layer < ReadLayer && roles.OptionLasts.Contains(query) && key == roles.SubjectLast)
            || (layer >= ReadLayer && query >= roles.Answer && roles.OptionLasts.Contains(key)),
        (layer, pos) => layer switch
        {
            MarkLayer => pos <= roles.Answer && !roles.IsName(pos),
            ReadLayer => pos <= roles.Answer && !roles.OptionLasts.Contains(pos),
            ReadLayer + 1 => pos < roles.Answer,
            _ => false,
        });

    /// <summary>
    /// The other wording: the options come first and can't look at the subject, so that two stages are left. In the early layers the answer's positions see the first token
    /// alone, since the subject stands beside them.
    /// </summary>
    public static Circuit Choice(Roles roles) => new(
        (layer, query, key) => layer >= ChoiceReadLayer || query < roles.Answer || key == query || key == 0,
        (layer, pos) => layer == ChoiceReadLayer && (pos == roles.Answer || (pos < roles.Answer && roles.Marks[pos])));
}
