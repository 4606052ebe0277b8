namespace PatchKernel.Templates;

/// <summary>What <c>a | b</c> does, by name.</summary>
internal static class Filters
{
    /// <summary>A filter.</summary>
    public delegate object? Apply(object? value, Arguments arguments, Rendering rendering);

    private static readonly Dictionary<string, Apply> All = new IEnumerable<KeyValuePair<string, Apply>>[] { TextFilters.All, ListFilters.All, ChoiceFilters.All, ValueFilters.All }
        .SelectMany(filters => filters).ToDictionary();

    // jinja2's others.
    private static readonly HashSet<string> Others = [.. "e escape filesizeformat forceescape pprint random striptags truncate urlencode urlize wordwrap xmlattr".Split(' ')];

    /// <summary>Whether jinja2 has such a filter.</summary>
    public static bool IsOne(string name) => All.ContainsKey(name) || Others.Contains(name);

    /// <summary>Applies a filter.</summary>
    /// <exception cref="TemplateError">There is no such filter, it isn't supported, or it fails.</exception>
    public static object? Run(string name, object? value, Arguments arguments, Rendering rendering)
    {
        rendering.Step(value is string ? Values.Size(value) : 1);
        if (All.TryGetValue(name, out var filter)) return filter(value, arguments, rendering);
        throw Others.Contains(name) ? TemplateError.Unsupported($"the filter \"{name}\"") : TemplateError.Failed($"No filter named {Printing.Repr(name)}.");
    }

    /// <summary>What a filter for texts takes: whatever prints, but for a text that is marked safe.</summary>
    public static string Text(object? value, Rendering rendering) => value is SafeText
        ? throw TemplateError.Unsupported("a filter of a text that is marked safe")
        : Printing.Str(value, rendering);
}
