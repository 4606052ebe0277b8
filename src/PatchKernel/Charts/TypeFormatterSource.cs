namespace PatchKernel;

// .NET Interactive finds both types by their names and members alone, so that no package of it is needed here.

/// <summary>Names the class whose formatters show a type in a notebook.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    public string[] PreferredMimeTypes { get; } = ["text/html"];
}

/// <summary>Formatters of charts and results: the chart where HTML is shown, one line elsewhere.</summary>
internal sealed class ChartFormatterSource
{
#pragma warning disable CA1822 // The notebook's kernel calls it on an instance.
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ChartFormatter("text/html", HtmlOf), new ChartFormatter("text/plain", value => value.ToString())];
#pragma warning restore CA1822

    private static string? HtmlOf(object value) => value switch
    {
        Heatmap heatmap => heatmap.ToHtml(),
        SweepResult result => result.ToHtml(),
        _ => null,
    };
}

/// <summary>Writes a value as one kind of text; false where it can't.</summary>
internal sealed class ChartFormatter(string mimeType, Func<object, string?> textOf)
{
    public string MimeType { get; } = mimeType;

    public bool Format(object instance, TextWriter writer)
    {
        var text = textOf(instance);
        writer.Write(text);
        return text is not null;
    }
}
