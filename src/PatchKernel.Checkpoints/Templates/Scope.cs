namespace PatchKernel.Templates;

/// <summary>Variables that can be seen from some part of a template: its own, and those around it.</summary>
/// <remarks>As in jinja2 a loop's body, a macro and a block have scopes of their own, of a loop one for each round, and an if has none.</remarks>
internal sealed class Scope
{
    private readonly Scope? parent;
    private Dictionary<string, object?>? variables;

    /// <summary>The outermost one.</summary>
    /// <param name="rendering">The rendering that it belongs to.</param>
    /// <param name="variables">What the template is given.</param>
    public Scope(Rendering rendering, Dictionary<string, object?> variables) => (Rendering, this.variables) = (rendering, variables);

    private Scope(Scope parent) => (this.parent, Rendering) = (parent, parent.Rendering);

    /// <summary>The rendering that it belongs to.</summary>
    public Rendering Rendering { get; }

    /// <summary>A scope inside.</summary>
    public Scope Inner()
    {
        Rendering.Take(32);
        return new(this);
    }

    /// <summary>Gives a variable of this scope a value.</summary>
    public void Set(string name, object? value) => (variables ??= [])[name] = value;

    /// <summary>A variable's value; <see cref="Undefined"/> where there is none.</summary>
    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.parent)
            if (scope.variables is { } own && own.TryGetValue(name, out var value)) return value;
        return Globals.Find(name) ?? new Undefined($"{Printing.Repr(name)} is undefined");
    }
}
