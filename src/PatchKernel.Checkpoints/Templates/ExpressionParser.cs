namespace PatchKernel.Templates;

/// <summary>Reads expressions, by the precedence that jinja2 gives its operators.</summary>
/// <param name="stream">The tokens.</param>
internal sealed class ExpressionParser(TokenStream stream)
{
    private readonly PrimaryParser primaries = new(stream);

    /// <summary>The names that were read so far, in order.</summary>
    public IReadOnlyList<string> Names => primaries.Names;

    /// <summary>An expression, or several with commas between them, which make a tuple.</summary>
    /// <param name="conditional">Whether it may be <c>a if b else c</c>: a loop's list may not, whose if means something else.</param>
    public Expression Tuple(bool conditional = true) => primaries.Tuple(() => Expression(conditional), _ => false);

    /// <summary>What a value is assigned to.</summary>
    public Expression Target(bool namespaces, bool isLoop = false)
    {
        var line = stream.Current.Line;
        var target = primaries.Tuple(() => primaries.Primary(this, namespaces), token => isLoop && token.IsName("in"));
        return Templates.Target.Fault(target) is { } fault ? throw new TemplateError(TemplateFault.Syntax, $"can't assign to '{fault}'", line) : target;
    }

    /// <summary>An expression.</summary>
    public Expression Expression(bool conditional = true)
    {
        Values.CheckDepth();
        var value = Or();
        while (conditional && stream.TakeName("if"))
        {
            var test = Or();
            value = new Conditional(test, value, stream.TakeName("else") ? Expression() : null);
        }
        return value;
    }

    /// <summary>A filter, or several, with nothing or with something before it.</summary>
    /// <param name="value">What is before it.</param>
    /// <param name="isFirst">Whether it stands without its bar.</param>
    public Expression? FilterChain(Expression? value, bool isFirst)
    {
        while (isFirst || stream.TakeMark("|"))
        {
            isFirst = false;
            var name = DottedName();
            value = new Filter(value, name, stream.Current.IsMark("(") ? primaries.Arguments(this) : ArgumentList.None);
        }
        return value;
    }

    private Expression Or()
    {
        var left = And();
        while (stream.TakeName("or")) left = new Logical(stopsAt: true, left, And());
        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (stream.TakeName("and")) left = new Logical(stopsAt: false, left, Not());
        return left;
    }

    private Expression Not()
    {
        Values.CheckDepth();
        return stream.TakeName("not") ? new Not(Not()) : Comparisons();
    }

    private Expression Comparisons()
    {
        var first = Sum();
        var others = new List<(string, Expression)>();
        while (ComparisonMark() is { } mark) others.Add((mark, Sum()));
        return others.Count == 0 ? first : new Compared(first, others);
    }

    private string? ComparisonMark()
    {
        if (stream.Current is { Kind: TokenKind.Mark, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" }) return stream.Read().Text;
        if (stream.TakeName("in")) return "in";
        if (!stream.Current.IsName("not") || !stream.Next.IsName("in")) return null;
        stream.Read();
        stream.Read();
        return "not in";
    }

    private Expression Sum() => Chain(Concatenation, "+", "-");

    private Expression Concatenation()
    {
        var parts = new List<Expression> { Product() };
        while (stream.TakeMark("~")) parts.Add(Product());
        return parts is [var only] ? only : new Joined(parts);
    }

    private Expression Product() => Chain(Power, "*", "/", "//", "%");

    private Expression Power() => Chain(() => Unary(filters: true), "**");

    private Expression Chain(Func<Expression> operand, params string[] marks)
    {
        var left = operand();
        while (stream.Current.Kind == TokenKind.Mark && marks.Contains(stream.Current.Text)) left = new Binary(stream.Read().Text, left, operand());
        return left;
    }

    private Expression Unary(bool filters)
    {
        Values.CheckDepth();
        var value = stream.Current is { Kind: TokenKind.Mark, Text: "-" or "+" } ? new Unary(stream.Read().Text, Unary(filters: false)) : primaries.Primary(this);
        value = primaries.Postfix(this, value);
        while (filters)
        {
            if (stream.Current.IsMark("|")) value = FilterChain(value, isFirst: false)!;
            else if (stream.TakeName("is")) value = TestOf(value);
            else if (stream.Current.IsMark("(")) value = new Call(value, primaries.Arguments(this));
            else break;
        }
        return value;
    }

    private Expression TestOf(Expression value)
    {
        var negated = stream.TakeName("not");
        var test = new Test(value, DottedName(), TestArguments());
        return negated ? new Not(test) : test;
    }

    private ArgumentList TestArguments()
    {
        var next = stream.Current;
        if (next.IsMark("(")) return primaries.Arguments(this);
        var hasArgument = next.Kind is TokenKind.Text or TokenKind.Number || next is { Kind: TokenKind.Mark, Text: "[" or "{" }
            || (next.Kind == TokenKind.Name && next.Text is not ("else" or "or" or "and"));
        if (!hasArgument) return ArgumentList.None;
        if (next.IsName("is")) throw stream.Error("You cannot chain multiple tests with is");
        return new([primaries.Postfix(this, primaries.Primary(this))], [], null, null);
    }

    private string DottedName()
    {
        var name = stream.Name();
        while (stream.TakeMark(".")) name += $".{stream.Name()}";
        return name;
    }
}
