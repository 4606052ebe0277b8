using System.Globalization;
using PatchKernel.Prompts;

namespace PatchKernel;

/// <summary>Positions of a prompt by what stands there: <c>subject.last</c> is the last token of the span <c>subject</c>, <c>last</c> the prompt's last token.</summary>
/// <remarks>
/// A sweep by roles patches role to role, so the two prompts need not be of one length. A span is one of <see cref="Prompt.Spans"/>, or
/// <c>prefix</c>, the tokens before the first span, or <c>between</c>, those between the spans (with one span, those between it and the prompt's last token). Behind it stands
/// one of <c>.first</c>, <c>.last</c>, <c>.each</c>, <c>.all</c> and <c>.mean</c>, see <see cref="SpanPart"/>.
/// </remarks>
public sealed record TokenRole
{
    private const string LastName = "last";

    private readonly IReadOnlyList<(int Clean, int Corrupt)>? pairs;
    private readonly string? span;
    private readonly SpanPart part;

    private TokenRole(string name, string? span = null, SpanPart part = SpanPart.Each, IReadOnlyList<(int, int)>? pairs = null) =>
        (Name, this.span, this.part, this.pairs) = (name, span, part, pairs);

    /// <summary>The prompt's last token.</summary>
    public static TokenRole Last { get; } = new(LastName);

    /// <summary>The name, such as <c>subject.last</c>.</summary>
    public string Name { get; }

    /// <summary>The span that a prompt needs for it; null where it needs none.</summary>
    public string? Span => span is SpanNames.Prefix or SpanNames.Between ? null : span;

    /// <summary>
    /// A role by its name; a span's name alone means <c>.each</c>. Positions are an alignment: <c>3:4</c> is the clean prompt's 3 and the corrupt one's 4, <c>-1:-1</c> the
    /// last of both, and <c>2:2+3:4</c> two that are patched together.
    /// </summary>
    /// <exception cref="PatchKernelException">There is no such part of a span, or no name.</exception>
    public static TokenRole Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == LastName) return Last;
        if (name.Contains(':')) return ParseAligned(name);
        var dot = name.LastIndexOf('.');
        var (span, part) = dot < 0 ? (name, "each") : (name[..dot], name[(dot + 1)..]);
        if (span.Length == 0 || span.Any(char.IsWhiteSpace) || span == LastName || !Parts.TryGetValue(part, out var known))
            throw new PatchKernelException($"There is no role '{name}'; give {LastName}, or the name of a span with one of .{string.Join(", .", Parts.Keys)}, such as subject.last.");
        return new(name, span, known);
    }

    /// <summary>Roles with commas between, such as <c>subject.last,last</c>.</summary>
    /// <exception cref="PatchKernelException">One isn't a role's name.</exception>
    public static IReadOnlyList<TokenRole> ParseAll(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.Split(',', StringSplitOptions.TrimEntries).Select(Parse)];
    }

    /// <summary>Positions that are given one by one: an alignment of two prompts. All are patched together.</summary>
    /// <param name="name">What the role is called in charts and tables.</param>
    /// <param name="positions">Positions of the clean prompt, each with the corrupt prompt's position that it stands for; from the end with a minus.</param>
    /// <exception cref="PatchKernelException">There is no position, or one is named twice.</exception>
    public static TokenRole Aligned(string name, params IReadOnlyList<(int Clean, int Corrupt)> positions)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new PatchKernelException("An alignment needs a name, which charts and tables call it by.");
        if (positions.Count == 0) throw new PatchKernelException($"The alignment '{name}' has no positions; give at least one of each prompt.");
        return positions.DistinctBy(pair => pair.Clean).Count() < positions.Count || positions.DistinctBy(pair => pair.Corrupt).Count() < positions.Count
            ? throw new PatchKernelException($"The alignment '{name}' names a position twice; give each once.")
            : new(name, pairs: [.. positions]);
    }

    /// <summary>Where the role is in two prompts: a place, or with <c>.each</c> one for each token.</summary>
    /// <param name="clean">The clean prompt.</param>
    /// <param name="corrupt">The corrupt prompt, or another one that is patched from or into.</param>
    /// <exception cref="PatchKernelException">A prompt lacks the span, the span is empty, or lengths have to agree and don't.</exception>
    public IReadOnlyList<RolePlace> In(Prompt clean, Prompt corrupt)
    {
        if (this == Last) return [new(Name, [clean.Length - 1], [corrupt.Length - 1])];
        if (pairs is not null) return [new(Name, [.. pairs.Select(pair => At(clean, pair.Clean))], [.. pairs.Select(pair => At(corrupt, pair.Corrupt))])];
        var (there, here) = (SpanNames.Find(clean, span!, Name), SpanNames.Find(corrupt, span!, Name));
        if (part is SpanPart.Each or SpanPart.All && there.Count != here.Count)
            throw new PatchKernelException(
                $"The span '{span}' has {there.Count} tokens in one prompt and {here.Count} in the other, so {Name} has no pairs of tokens; take {span}.first, {span}.last or {span}.mean.");
        return part switch
        {
            SpanPart.First => [new(Name, [there[0]], [here[0]])],
            SpanPart.Last => [new(Name, [there[^1]], [here[^1]])],
            SpanPart.Each => [.. there.Zip(here, (a, b) => new RolePlace(Name, [a], [b]))],
            _ => [new(Name, there, here) { IsMean = part == SpanPart.Mean }],
        };
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static readonly Dictionary<string, SpanPart> Parts = Enum.GetValues<SpanPart>().ToDictionary(part => part.ToString().ToLowerInvariant());

    private static TokenRole ParseAligned(string name)
    {
        return Aligned(name, [.. name.Split('+').Select(pair => pair.Split(':') is [var clean, var corrupt] ? (Position(clean), Position(corrupt)) : throw Unknown())]);

        int Position(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pos) ? pos : throw Unknown();

        PatchKernelException Unknown() => new(
            $"There are no positions '{name}'; give the clean prompt's, a colon and the corrupt prompt's, such as 3:4 or -1:-1, with + between those that are patched together, such as 2:2+3:4.");
    }

    private int At(Prompt prompt, int pos) => pos < prompt.Length && pos >= -prompt.Length ? (pos + prompt.Length) % prompt.Length
        : throw new PatchKernelException($"The alignment '{Name}' has position {pos}, and a prompt has {prompt.Length} tokens; give 0 to {prompt.Length - 1}, or from -1 back.");
}
