namespace PatchKernel.Prompts;

/// <summary>The tokens that a span's name stands for.</summary>
internal static class SpanNames
{
    /// <summary>The tokens before the first span.</summary>
    public const string Prefix = "prefix";

    /// <summary>The tokens between the spans that are in none; with one span, those between it and the prompt's last token.</summary>
    public const string Between = "between";

    /// <summary>Names that no span of a prompt may have.</summary>
    public static IReadOnlyList<string> Reserved { get; } = [Prefix, Between, "last"];

    /// <summary>A name that a span may have.</summary>
    /// <exception cref="PatchKernelException">It is reserved, or no name that a role could be built with.</exception>
    public static string Checked(string name) => Reserved.Contains(name)
        ? throw new PatchKernelException($"A span can't be called '{name}', which means something else in a role; give it another name.")
        : !IsFree(name)
        ? throw new PatchKernelException($"A span can't be called '{name}'; give it a name without blanks, dots, commas and colons.")
        : name;

    /// <summary>Whether a span may have the name.</summary>
    public static bool IsFree(string name) => name.Length > 0 && !Reserved.Contains(name) && !name.Any(letter => char.IsWhiteSpace(letter) || letter is '.' or ',' or ':');

    /// <summary>A span's positions, ascending; never none.</summary>
    /// <exception cref="PatchKernelException">The prompt has no such span, or it is empty; the message names the role.</exception>
    public static IReadOnlyList<int> Find(Prompt prompt, string span, string role)
    {
        IReadOnlyList<int> found = span switch
        {
            Prefix or Between when prompt.Spans.Count == 0 => throw new PatchKernelException($"The role {role} is beside spans, and a prompt has none; name its spans."),
            Prefix => [.. Enumerable.Range(0, prompt.Spans.Values.Min(each => each.Start))],
            Between => [.. BetweenSpans(prompt)],
            _ => prompt.Spans.TryGetValue(span, out var known) ? known.Positions : throw new PatchKernelException(
                $"The role {role} needs the span '{span}', and a prompt has {(prompt.Spans.Count == 0 ? "no spans" : $"only {string.Join(", ", prompt.Spans.Keys)}")}."),
        };
        return found.Count == 0 ? throw new PatchKernelException($"The role {role} has no token in {prompt}.")
            : found.FirstOrDefault(pos => pos < 0 || pos >= prompt.Length, -1) is var outside and not -1
            ? throw new PatchKernelException($"The span '{span}' has position {outside}, and the prompt has {prompt.Length} tokens.")
            : found;
    }

    private static IEnumerable<int> BetweenSpans(Prompt prompt)
    {
        var spans = prompt.Spans.Values.OrderBy(span => span.Start).ToArray();
        var (from, to) = (spans[0].End, spans.Length == 1 ? prompt.Length - 1 : spans.Max(span => span.Start));
        return Enumerable.Range(from, Math.Max(0, to - from)).Where(pos => !spans.Any(span => pos >= span.Start && pos < span.End));
    }
}
