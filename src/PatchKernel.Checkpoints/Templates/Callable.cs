namespace PatchKernel.Templates;

/// <summary>What can be called.</summary>
internal abstract class Callable
{
    /// <summary>Calls it.</summary>
    /// <exception cref="TemplateError">It doesn't take these arguments, or fails.</exception>
    public abstract object? Call(Arguments arguments, Rendering rendering);
}

/// <summary>A function of our own.</summary>
/// <param name="call">What it does.</param>
internal sealed class Function(Func<Arguments, Rendering, object?> call) : Callable
{
    public override object? Call(Arguments arguments, Rendering rendering) => call(arguments, rendering);
}

/// <summary>What a call gives a function.</summary>
/// <param name="Places">Arguments by place.</param>
/// <param name="Names">Arguments by name, in order.</param>
internal sealed record Arguments(IReadOnlyList<object?> Places, IReadOnlyList<(string Name, object? Value)> Names)
{
    /// <summary>No arguments.</summary>
    public static Arguments None { get; } = new([], []);

    /// <summary>All but the first arguments by place.</summary>
    public Arguments Skip(int count) => this with { Places = [.. Places.Skip(count)] };

    /// <summary>Gives each parameter its argument.</summary>
    /// <param name="function">The function's name, for errors.</param>
    /// <param name="parameters">The parameters' names.</param>
    /// <exception cref="TemplateError">There are more arguments, or others, or one twice.</exception>
    public Bound Bind(string function, params ReadOnlySpan<string> parameters)
    {
        if (Places.Count > parameters.Length)
            throw TemplateError.Failed(FormattableString.Invariant($"{function}() takes at most {parameters.Length} arguments ({Places.Count} given)"));
        var (values, given) = (new object?[parameters.Length], new bool[parameters.Length]);
        for (var i = 0; i < Places.Count; i++) (values[i], given[i]) = (Places[i], true);
        foreach (var (name, value) in Names)
        {
            var place = parameters.IndexOf(name);
            if (place < 0) throw TemplateError.Failed($"{function}() got an unexpected keyword argument '{name}'");
            if (given[place]) throw TemplateError.Failed($"{function}() got multiple values for argument '{name}'");
            (values[place], given[place]) = (value, true);
        }
        return new(function, values, given, parameters.ToArray());
    }
}

/// <summary>A function's parameters with their arguments.</summary>
internal sealed class Bound(string function, object?[] values, bool[] given, string[] parameters)
{
    /// <summary>An argument that must be there.</summary>
    /// <exception cref="TemplateError">It isn't.</exception>
    public object? this[int place] => given[place] ? values[place] : throw TemplateError.Failed($"{function}() missing 1 required positional argument: '{parameters[place]}'");

    /// <summary>An argument, or what stands for it where it isn't there.</summary>
    public object? Or(int place, object? absent) => given[place] ? values[place] : absent;
}
