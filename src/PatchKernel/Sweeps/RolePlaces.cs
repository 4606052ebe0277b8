namespace PatchKernel.Sweeps;

/// <summary>Where a request's roles are, and what is put in there.</summary>
internal sealed class RolePlaces
{
    private readonly SweepOptions options;
    private readonly Prompt baseRun;
    private readonly (TokenRole Role, int Index)[] roles; // of each place

    private RolePlaces(SweepOptions options, Prompt baseRun, (TokenRole, int)[] roles, IReadOnlyList<RolePlace> pair) =>
        (this.options, this.baseRun, this.roles, Pair) = (options, baseRun, roles, pair);

    /// <summary>The places in the pair's two prompts.</summary>
    public IReadOnlyList<RolePlace> Pair { get; }

    /// <summary>Where the activations come from.</summary>
    public PatchSource Source => options.Source;

    private bool Denoising => options.Direction == Direction.Denoising;

    /// <summary>Finds a request's roles.</summary>
    /// <exception cref="PatchKernelException">A prompt lacks a span, or lengths have to agree and don't.</exception>
    public static RolePlaces Of(SweepRequest request)
    {
        var (pair, options) = (request.Pair, request.Options);
        var found = options.Roles!.SelectMany(role => role.In(pair.Clean, pair.Corrupt).Select((place, index) => (role, index, place))).ToArray();
        // Of noise both runs have the clean prompt.
        var baseRun = options.Direction == Direction.Denoising && options.Source is not PatchSource.Noise ? pair.Corrupt : pair.Clean;
        return new(options, baseRun, [.. found.Select(each => (each.role, each.index))], [.. found.Select(each => each.place)]);
    }

    /// <summary>A value of the base run's own shape, at a place.</summary>
    public RoleValue Value(int place, PatchValue inner) => Value(Pair[place], [], InBase(Pair[place]), inner);

    /// <summary>The pair's other run's, at a place.</summary>
    /// <param name="place">The place.</param>
    /// <param name="lane">The other run.</param>
    /// <param name="length">Its prompt's tokens.</param>
    public RoleValue Value(int place, int lane, int length) =>
        Value(Pair[place], [(lane, length, Source is PatchSource.Noise ? Pair[place].Clean : InSource(Pair[place]))], InBase(Pair[place]));

    /// <summary>That of other prompts, at a place; several are averaged.</summary>
    public RoleValue Value(int place, IReadOnlyList<(int Lane, Prompt Prompt)> from) =>
        Value(Pair[place], [.. from.Select(run => (run.Lane, run.Prompt.Length, InSource(In(run.Prompt, place))))], InBase(Pair[place]));

    private RolePlace In(Prompt source, int place) => roles[place].Role.In(Denoising ? source : baseRun, Denoising ? baseRun : source)[roles[place].Index];

    private IReadOnlyList<int> InBase(RolePlace place) => Denoising && Source is not PatchSource.Noise ? place.Corrupt : place.Clean;

    private IReadOnlyList<int> InSource(RolePlace place) => Denoising ? place.Clean : place.Corrupt;

    private RoleValue Value(RolePlace place, IReadOnlyList<(int Lane, int Length, IReadOnlyList<int> Positions)> sources, IReadOnlyList<int> positions, PatchValue? inner = null)
    {
        if (options.Site == Activation.Pattern && sources.Any(source => source.Length != baseRun.Length || !source.Positions.SequenceEqual(positions)))
            throw new PatchKernelException($"A row of a pattern is as long as its own prompt up to its position, so {place.Role} can be patched only where it stands at the same positions of prompts of one length; patch z, or another site.");
        var end = baseRun.Length - 1;
        var atEnd = sources.All(source => place.IsMean
            ? !positions.Contains(end) || source.Positions.SequenceEqual([source.Length - 1])
            : positions.Zip(source.Positions).All(pair => pair.First != end || pair.Second == source.Length - 1));
        return new(inner, [.. sources.Select(source => (source.Lane, source.Positions))], positions, place.IsMean, atEnd, Axis: options.Site == Activation.Pattern ? 1 : 0);
    }
}
