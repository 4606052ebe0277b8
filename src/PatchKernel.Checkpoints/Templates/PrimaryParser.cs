namespace PatchKernel.Templates;

/// <summary>Reads names, constants, lists, dictionaries, and what stands behind them: attributes, entries and calls.</summary>
/// <param name="stream">The tokens.</param>
internal sealed class PrimaryParser(TokenStream stream)
{
    private readonly List<string> names = [];

    /// <summary>The names that were read so far, in order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>One expression, or a tuple of several.</summary>
    /// <param name="read">Reads one.</param>
    /// <param name="ends">Whether a token ends the tuple, beside the ends of tags and brackets.</param>
    /// <param name="isInBrackets">Whether it may be empty.</param>
    public Expression Tuple(Func<Expression> read, Func<Token, bool> ends, bool isInBrackets = false)
    {
        var items = new List<Expression>();
        var isTuple = false;
        while (true)
        {
            if (items.Count > 0) stream.Mark(",");
            if (stream.Current is { Kind: TokenKind.BlockEnd or TokenKind.VariableEnd } || stream.Current.IsMark(")") || ends(stream.Current)) break;
            items.Add(read());
            if (!stream.Current.IsMark(",")) break;
            isTuple = true;
        }
        if (!isTuple && items.Count > 0) return items[0];
        if (!isTuple && !isInBrackets) throw stream.Error($"Expected an expression, got '{stream.Current.Shown}'");
        return new Row(items, SequenceKind.Tuple);
    }

    /// <summary>A name, a constant, a list, a dictionary or something in brackets.</summary>
    public Expression Primary(ExpressionParser expressions, bool namespaces = false)
    {
        Values.CheckDepth();
        var token = stream.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                stream.Read();
                return OfName(token.Text, namespaces);
            case TokenKind.Text:
                var texts = new List<string>();
                while (stream.Current.Kind == TokenKind.Text) texts.Add(stream.Read().Text);
                return new Constant(string.Concat(texts));
            case TokenKind.Number:
                stream.Read();
                return new Constant(token.Value);
            case TokenKind.Mark when token.Text == "(":
                stream.Read();
                var tuple = Tuple(() => expressions.Expression(), _ => false, isInBrackets: true);
                stream.Mark(")");
                return tuple;
            case TokenKind.Mark when token.Text == "[": return new Row(Items("]", () => expressions.Expression()), SequenceKind.List);
            case TokenKind.Mark when token.Text == "{":
                return new Map(Items("}", () =>
                {
                    var key = expressions.Expression();
                    stream.Mark(":");
                    return (key, expressions.Expression());
                }));
            default: throw stream.Error($"unexpected '{token.Shown}'");
        }
    }

    /// <summary>What stands behind an expression: attributes, entries and calls.</summary>
    public Expression Postfix(ExpressionParser expressions, Expression value)
    {
        while (true)
        {
            if (stream.TakeMark(".")) value = AfterDot(value);
            else if (stream.TakeMark("[")) value = Subscript(expressions, value);
            else if (stream.Current.IsMark("(")) value = new Call(value, Arguments(expressions));
            else return value;
        }
    }

    /// <summary>The arguments of a call.</summary>
    public ArgumentList Arguments(ExpressionParser expressions)
    {
        var (places, named) = (new List<Expression>(), new List<(string, Expression)>());
        Expression? restOfPlaces = null, restOfNames = null;
        Items(")", () =>
        {
            if (restOfNames is not null) throw Invalid();
            if (stream.TakeMark("*")) restOfPlaces = restOfPlaces is null ? expressions.Expression() : throw Invalid();
            else if (stream.TakeMark("**")) restOfNames = expressions.Expression();
            else if (stream.Current.Kind == TokenKind.Name && stream.Next.IsMark("="))
            {
                var name = stream.Name();
                stream.Read();
                named.Add((name, expressions.Expression()));
            }
            else places.Add(restOfPlaces is null && named.Count == 0 ? expressions.Expression() : throw Invalid());
            return true;
        });
        return new(places, named, restOfPlaces, restOfNames);

        TemplateError Invalid() => stream.Error("invalid syntax for function call expression");
    }

    private Expression OfName(string name, bool namespaces)
    {
        switch (name)
        {
            case "true" or "True": return new Constant(true);
            case "false" or "False": return new Constant(false);
            case "none" or "None": return new Constant(null);
        }
        names.Add(name);
        return namespaces && stream.TakeMark(".") ? new NamespaceTarget(name, stream.Name()) : new Name(name);
    }

    /// <summary>What stands between brackets with commas between, the last of which may have nothing behind it.</summary>
    private List<T> Items<T>(string end, Func<T> read)
    {
        stream.Read();
        var items = new List<T>();
        while (!stream.Current.IsMark(end))
        {
            if (items.Count > 0) stream.Mark(",");
            if (stream.Current.IsMark(end)) break;
            items.Add(read());
        }
        stream.Mark(end);
        return items;
    }

    private Expression AfterDot(Expression owner)
    {
        var token = stream.Read();
        return token switch
        {
            { Kind: TokenKind.Name } => new Attribute(owner, token.Text),
            { Kind: TokenKind.Number, Value: long place } => new Item(owner, new Constant(place)),
            _ => throw new TemplateError(TemplateFault.Syntax, "expected name or number", token.Line),
        };
    }

    private Expression Subscript(ExpressionParser expressions, Expression owner)
    {
        if (stream.Current.IsMark("]")) throw stream.Error("Expected an expression, got ']'");
        Expression? Part() => stream.Current is { Kind: TokenKind.Mark, Text: ":" or "]" or "," } ? null : expressions.Expression();
        var start = Part();
        if (!stream.Current.IsMark(":"))
        {
            if (stream.Current.IsMark(",")) throw stream.Unsupported("a subscript of several values");
            stream.Mark("]");
            return new Item(owner, start!);
        }
        stream.Read();
        var stop = Part();
        var step = stream.TakeMark(":") ? Part() : null;
        stream.Mark("]");
        return new Slice(owner, start, stop, step);
    }
}
