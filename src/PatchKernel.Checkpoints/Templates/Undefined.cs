namespace PatchKernel.Templates;

/// <summary>What stands for a value that isn't there: it prints as nothing, is false and empty, and whatever else is asked of it is an error.</summary>
/// <param name="message">The error, in jinja2's words.</param>
internal sealed class Undefined(string message)
{
    /// <summary>The error of whoever uses it.</summary>
    public TemplateError Error => TemplateError.Failed(message);

    /// <summary>A value that isn't undefined.</summary>
    /// <exception cref="TemplateError">It is undefined.</exception>
    public static object? Defined(object? value) => value is Undefined undefined ? throw undefined.Error : value;

    /// <summary>What an object has instead of an entry or an attribute.</summary>
    public static Undefined Of(object? owner, object? name) => new(name is string
        ? $"{Printing.Repr(Values.Described(owner))} has no attribute {Printing.Repr(name)}"
        : $"{Values.Described(owner)} has no element {Printing.Repr(name)}");

    /// <summary>What an object has instead of an attribute that the sandbox keeps back.</summary>
    public static Undefined Unsafe(object? owner, string name) =>
        new($"access to attribute {Printing.Repr(name)} of {Printing.Repr(Values.TypeName(owner))} object is unsafe.");
}
