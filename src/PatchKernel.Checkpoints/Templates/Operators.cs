namespace PatchKernel.Templates;

/// <summary><c>a + b</c> and the like.</summary>
internal sealed class Binary(string mark, Expression left, Expression right) : Expression
{
    protected override object? Evaluate(Scope scope) => Arithmetic.Binary(mark, left.Of(scope), right.Of(scope), scope.Rendering);
}

/// <summary><c>-a</c> and <c>+a</c>.</summary>
internal sealed class Unary(string mark, Expression value) : Expression
{
    protected override object Evaluate(Scope scope) => Arithmetic.Unary(mark, value.Of(scope));
}

/// <summary><c>a ~ b</c>: both as text, one behind the other.</summary>
internal sealed class Joined(IReadOnlyList<Expression> parts) : Expression
{
    protected override object Evaluate(Scope scope) => scope.Rendering.Taken(string.Concat(parts.Select(part => Printing.Str(part.Of(scope), scope.Rendering))));
}

/// <summary><c>not a</c>.</summary>
internal sealed class Not(Expression value) : Expression
{
    protected override object Evaluate(Scope scope) => !Values.IsTrue(value.Of(scope));
}

/// <summary><c>a and b</c>, <c>a or b</c>: the value that settles it.</summary>
internal sealed class Logical(bool stopsAt, Expression left, Expression right) : Expression
{
    protected override object? Evaluate(Scope scope) => left.Of(scope) is var value && Values.IsTrue(value) == stopsAt ? value : right.Of(scope);
}

/// <summary><c>a if b else c</c>.</summary>
internal sealed class Conditional(Expression test, Expression then, Expression? otherwise) : Expression
{
    protected override object? Evaluate(Scope scope) => Values.IsTrue(test.Of(scope)) ? then.Of(scope)
        : otherwise is null ? new Undefined("the inline if-expression evaluated to false and no else section was defined.") : otherwise.Of(scope);
}

/// <summary><c>a &lt; b &lt;= c</c>, <c>a in b</c>.</summary>
internal sealed class Compared(Expression first, IReadOnlyList<(string Mark, Expression Value)> others) : Expression
{
    protected override object Evaluate(Scope scope)
    {
        var left = first.Of(scope);
        foreach (var (mark, other) in others)
        {
            var right = other.Of(scope);
            if (!Holds(mark, left, right, scope.Rendering)) return false;
            left = right;
        }
        return true;
    }

    /// <summary>Whether a comparison is true.</summary>
    public static bool Holds(string mark, object? left, object? right, Rendering rendering)
    {
        rendering.Step(Math.Min(Values.Size(left), Values.Size(right)));
        return mark switch
        {
            "==" => Comparison.AreEqual(left, right),
            "!=" => !Comparison.AreEqual(left, right),
            "in" => Comparison.Contains(right, left, rendering),
            "not in" => !Comparison.Contains(right, left, rendering),
            _ when (left is double one && double.IsNaN(one)) || (right is double other && double.IsNaN(other)) => false,
            "<" => Comparison.Order(left, right, mark) < 0,
            "<=" => Comparison.Order(left, right, mark) <= 0,
            ">" => Comparison.Order(left, right, mark) > 0,
            _ => Comparison.Order(left, right, mark) >= 0,
        };
    }
}
