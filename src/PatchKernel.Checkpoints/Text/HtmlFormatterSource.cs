namespace PatchKernel.Text;

// .NET Interactive finds both types by their names and members alone, so that no package of it is needed here.

/// <summary>Names the class whose formatters show a type in a notebook; derived types are shown by it too.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    public string[] PreferredMimeTypes { get; } = ["text/html"];
}

/// <summary>Shows itself where HTML is shown; the method is public, since other hosts look for it by name.</summary>
internal interface IShowsHtml
{
    /// <summary>A part of a page, needing nothing from elsewhere.</summary>
    string ToHtml();
}

/// <summary>Formatters of everything that shows itself: HTML where that is shown, its text elsewhere.</summary>
internal sealed class HtmlFormatterSource
{
#pragma warning disable CA1822 // The notebook's kernel calls it on an instance.
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ValueFormatter("text/html", value => (value as IShowsHtml)?.ToHtml()), new ValueFormatter("text/plain", value => value.ToString())];
#pragma warning restore CA1822
}

/// <summary>Writes a value as one kind of text; false where it can't.</summary>
internal sealed class ValueFormatter(string mimeType, Func<object, string?> textOf)
{
    public string MimeType { get; } = mimeType;

    public bool Format(object instance, TextWriter writer)
    {
        var text = textOf(instance);
        writer.Write(text);
        return text is not null;
    }
}
