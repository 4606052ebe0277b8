namespace PatchKernel.Templates;

/// <summary>Why a template gives no text.</summary>
internal enum TemplateFault
{
    /// <summary>It isn't written as a template has to be.</summary>
    Syntax,

    /// <summary>It has a part that jinja2 knows and this doesn't.</summary>
    Unsupported,

    /// <summary>It calls raise_exception: its author doesn't want such a conversation.</summary>
    Raised,

    /// <summary>It does what jinja2 fails at too.</summary>
    Failed,

    /// <summary>It would take too long, or too much memory.</summary>
    TooMuch,
}

/// <summary>A template gives no text. Whoever knows its file makes a sentence of it.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">In jinja2's words, or the name of the part that isn't supported.</param>
/// <param name="line">The template's line; 0 where that isn't known yet.</param>
internal sealed class TemplateError(TemplateFault fault, string message, int line = 0) : Exception(message)
{
    /// <summary>Why.</summary>
    public TemplateFault Fault => fault;

    /// <summary>The template's line, from 1; 0 where it isn't known.</summary>
    public int Line => line;

    /// <summary>An error that jinja2 has as well.</summary>
    public static TemplateError Failed(string message) => new(TemplateFault.Failed, message);

    /// <summary>A part that isn't supported.</summary>
    /// <param name="what">Its kind and its name, such as <c>the filter "pprint"</c>.</param>
    public static TemplateError Unsupported(string what) => new(TemplateFault.Unsupported, what);
}
