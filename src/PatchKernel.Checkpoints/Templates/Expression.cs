namespace PatchKernel.Templates;

/// <summary>A part of a template that has a value.</summary>
internal abstract class Expression
{
    /// <summary>Its value.</summary>
    /// <exception cref="TemplateError">It has none.</exception>
    public object? Of(Scope scope)
    {
        Values.CheckDepth();
        scope.Rendering.Step();
        return Evaluate(scope);
    }

    protected abstract object? Evaluate(Scope scope);
}

/// <summary>A text, a number, true, false or none.</summary>
internal sealed class Constant(object? value) : Expression
{
    /// <summary>Its value.</summary>
    public object? Value => value;

    protected override object? Evaluate(Scope scope) => value;
}

/// <summary>A variable.</summary>
internal sealed class Name(string name) : Expression
{
    /// <summary>Its name.</summary>
    public string Text => name;

    protected override object? Evaluate(Scope scope) => scope.Find(name);
}

/// <summary>A list or a tuple.</summary>
internal sealed class Row(IReadOnlyList<Expression> items, SequenceKind kind) : Expression
{
    /// <summary>Its parts, where it is a tuple: those can be assigned to.</summary>
    public IReadOnlyList<Expression>? Parts => kind == SequenceKind.Tuple ? items : null;

    protected override object Evaluate(Scope scope)
    {
        scope.Rendering.TakeEntries(items.Count);
        return new Sequence([.. items.Select(item => item.Of(scope))], kind);
    }
}

/// <summary>A dictionary.</summary>
internal sealed class Map(IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression
{
    protected override object Evaluate(Scope scope)
    {
        scope.Rendering.TakeEntries(entries.Count * 4L);
        var dictionary = new Dictionary();
        foreach (var (key, value) in entries)
        {
            var found = key.Of(scope);
            scope.Rendering.Step(Values.Size(found));
            dictionary.Set(found, value.Of(scope));
        }
        return dictionary;
    }
}

/// <summary><c>a.b</c>.</summary>
internal sealed class Attribute(Expression owner, string name) : Expression
{
    protected override object? Evaluate(Scope scope) => Access.Attribute(owner.Of(scope), name);
}

/// <summary><c>a[b]</c>.</summary>
internal sealed class Item(Expression owner, Expression key) : Expression
{
    protected override object? Evaluate(Scope scope)
    {
        var (from, by) = (owner.Of(scope), key.Of(scope));
        scope.Rendering.Step(Values.Size(by));
        return Access.Item(from, by, scope.Rendering);
    }
}

/// <summary><c>a[b:c:d]</c>.</summary>
internal sealed class Slice(Expression owner, Expression? start, Expression? stop, Expression? step) : Expression
{
    protected override object? Evaluate(Scope scope) => Access.Slice(owner.Of(scope), start?.Of(scope), stop?.Of(scope), step?.Of(scope), scope.Rendering);
}

/// <summary><c>a(b, c=d)</c>.</summary>
internal sealed class Call(Expression function, ArgumentList list) : Expression
{
    /// <summary>Calls it, with one more argument by name.</summary>
    public object? With(Scope scope, string name, object? value)
    {
        var arguments = list.Of(scope);
        return Run(function.Of(scope), arguments with { Names = [.. arguments.Names, (name, value)] }, scope.Rendering);
    }

    protected override object? Evaluate(Scope scope) => Run(function.Of(scope), list.Of(scope), scope.Rendering);

    private static object? Run(object? callee, Arguments arguments, Rendering rendering) => Undefined.Defined(callee) is Callable callable
        ? callable.Call(arguments, rendering)
        : throw TemplateError.Failed($"'{Values.TypeName(callee)}' object is not callable");
}

/// <summary>The arguments of a call, a filter or a test as they are written.</summary>
/// <param name="Places">By place.</param>
/// <param name="Names">By name.</param>
/// <param name="RestOfPlaces">Behind <c>*</c>.</param>
/// <param name="RestOfNames">Behind <c>**</c>.</param>
internal sealed record ArgumentList(IReadOnlyList<Expression> Places, IReadOnlyList<(string Name, Expression Value)> Names, Expression? RestOfPlaces, Expression? RestOfNames)
{
    /// <summary>No arguments.</summary>
    public static ArgumentList None { get; } = new([], [], null, null);

    /// <summary>Their values.</summary>
    public Arguments Of(Scope scope)
    {
        if (this == None) return Arguments.None;
        var places = Places.Select(place => place.Of(scope)).ToList();
        if (RestOfPlaces is not null) places.AddRange(Values.List(RestOfPlaces.Of(scope), scope.Rendering));
        var names = Names.Select(name => (name.Name, name.Value.Of(scope))).ToList();
        if (RestOfNames is not null)
        {
            var rest = Undefined.Defined(RestOfNames.Of(scope)) as Dictionary ?? throw TemplateError.Failed("argument after ** must be a mapping");
            names.AddRange(rest.Items.Select(entry => (Values.Text(entry.Key), entry.Value)));
        }
        return new(places, names);
    }
}

/// <summary><c>a | b(c)</c>.</summary>
/// <param name="value">What goes in; null for a block's content.</param>
/// <param name="name">The filter's name.</param>
/// <param name="list">Its arguments.</param>
internal sealed class Filter(Expression? value, string name, ArgumentList list) : Expression
{
    protected override object? Evaluate(Scope scope) => value is null ? throw new InvalidOperationException("A block's filter is given its content.") : Apply(value.Of(scope), scope);

    /// <summary>What becomes of a block's content.</summary>
    public object? OfContent(string content, Scope scope)
    {
        Values.CheckDepth();
        return Apply(value is Filter before ? before.OfContent(content, scope) : content, scope);
    }

    private object? Apply(object? input, Scope scope) => Filters.Run(name, input, list.Of(scope), scope.Rendering);
}

/// <summary><c>a is b(c)</c>.</summary>
internal sealed class Test(Expression value, string name, ArgumentList list) : Expression
{
    protected override object Evaluate(Scope scope) => Tests.Run(name, value.Of(scope), list.Of(scope), scope.Rendering);
}
