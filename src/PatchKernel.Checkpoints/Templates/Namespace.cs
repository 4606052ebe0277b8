namespace PatchKernel.Templates;

/// <summary>What <c>namespace()</c> makes: attributes that a template may set, from within a loop too.</summary>
internal sealed class Namespace
{
    /// <summary>The attributes.</summary>
    public Dictionary Attributes { get; } = new();
}

/// <summary>A text that the filter safe has marked; it is printed and joined by ~ like any other; where jinja2 would escape what it is added to, it isn't supported.</summary>
/// <param name="Text">The text.</param>
internal sealed record SafeText(string Text);
