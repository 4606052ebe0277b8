namespace PatchKernel.Templates;

/// <summary><c>a.b</c> where something is assigned to it: an attribute of a namespace.</summary>
internal sealed class NamespaceTarget(string space, string attribute) : Expression
{
    /// <summary>Sets the attribute.</summary>
    /// <exception cref="TemplateError">It is no namespace's.</exception>
    public void Set(object? value, Scope scope) => Find(scope).Attributes.Set(attribute, value);

    /// <summary>The namespace.</summary>
    /// <exception cref="TemplateError">It is none.</exception>
    public Namespace Find(Scope scope) => scope.Find(space) as Namespace ?? throw TemplateError.Failed("cannot assign attribute on non-namespace object");

    protected override object Evaluate(Scope scope) => throw new InvalidOperationException("A target has no value.");
}

/// <summary>What values are assigned to: names, attributes of namespaces, and tuples of these.</summary>
internal static class Target
{
    /// <summary>Why an expression can't be assigned to, as jinja2 names it; null if it can.</summary>
    public static string? Fault(Expression target) => target switch
    {
        Name or NamespaceTarget => null,
        Row { Parts: { } parts } => parts.Select(Fault).FirstOrDefault(fault => fault is not null),
        Row => "list",
        Constant => "const",
        _ => "dict",
    };

    /// <summary>Refuses attributes of what is no namespace, before the value is computed.</summary>
    /// <exception cref="TemplateError">There is one.</exception>
    public static void Check(Expression target, Scope scope)
    {
        if (target is NamespaceTarget attribute) attribute.Find(scope);
        if (target is not Row { Parts: { } parts }) return;
        foreach (var part in parts) Check(part, scope);
    }

    /// <summary>Assigns.</summary>
    /// <exception cref="TemplateError">A tuple gets another number of values.</exception>
    public static void Set(Expression target, object? value, Scope scope)
    {
        Values.CheckDepth();
        if (target is Name name) scope.Set(name.Text, value);
        else if (target is NamespaceTarget attribute) attribute.Set(value, scope);
        else if (target is Row { Parts: { } parts }) SetAll(parts, value, scope);
    }

    private static void SetAll(IReadOnlyList<Expression> parts, object? value, Scope scope)
    {
        if (value is null or bool or long or double) throw TemplateError.Failed($"cannot unpack non-iterable {Values.TypeName(value)} object");
        var values = Values.List(value, scope.Rendering);
        if (values.Count > parts.Count) throw TemplateError.Failed(FormattableString.Invariant($"too many values to unpack (expected {parts.Count})"));
        if (values.Count < parts.Count) throw TemplateError.Failed(FormattableString.Invariant($"not enough values to unpack (expected {parts.Count}, got {values.Count})"));
        foreach (var (part, one) in parts.Zip(values)) Set(part, one, scope);
    }
}
