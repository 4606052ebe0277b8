namespace PatchKernel.Templates;

/// <summary>Reads a template.</summary>
internal sealed class StatementParser
{
    private static readonly string[] Special = ["caller", "kwargs", "varargs"];

    private readonly TokenStream stream;
    private readonly ExpressionParser expressions;

    private StatementParser(TokenStream stream) => (this.stream, expressions) = (stream, new ExpressionParser(stream));

    /// <summary>The statements of a template.</summary>
    /// <exception cref="TemplateError">It isn't written as a template has to be, or has a statement that isn't supported.</exception>
    public static IReadOnlyList<Statement> Parse(string source)
    {
        var stream = new TokenStream(Lexer.Tokens(source));
        var statements = new StatementParser(stream).Until();
        return stream.Current.Kind == TokenKind.End ? statements : throw stream.Error($"Encountered unknown tag '{stream.Current.Text}'.");
    }

    /// <summary>Statements up to a tag that begins with one of some names, which is at hand then, or up to the end.</summary>
    private List<Statement> Until(params ReadOnlySpan<string> ends)
    {
        Values.CheckDepth();
        var statements = new List<Statement>();
        while (stream.Current.Kind != TokenKind.End)
        {
            var token = stream.Read();
            if (token.Kind == TokenKind.Data) statements.Add(new Data(token.Line, token.Text));
            else if (token.Kind == TokenKind.VariableBegin)
            {
                statements.Add(new Print(token.Line, expressions.Tuple()));
                stream.End(TokenKind.VariableEnd);
            }
            else
            {
                if (stream.Current.Kind == TokenKind.Name && ends.Contains(stream.Current.Text)) return statements;
                statements.Add(Statement(token.Line));
                stream.End(TokenKind.BlockEnd);
            }
        }
        return ends.Length == 0 ? statements : throw stream.Error($"Unexpected end of template, which was looking for '{string.Join("' or '", ends.ToArray())}'.");
    }

    /// <summary>A block's content up to its end, which is read too.</summary>
    private List<Statement> Body(string end)
    {
        var body = Content(end);
        stream.Read();
        return body;
    }

    private List<Statement> Content(params ReadOnlySpan<string> ends)
    {
        stream.TakeMark(":");
        stream.End(TokenKind.BlockEnd);
        return Until(ends);
    }

    private Statement Statement(int line)
    {
        var tag = stream.Current.Kind == TokenKind.Name ? stream.Current.Text : throw stream.Error("tag name expected");
        switch (tag)
        {
            case "include" or "import" or "from" or "extends" or "block" or "autoescape" or "trans" or "do" or "debug": throw stream.Unsupported($"the statement \"{tag}\"");
            case not ("if" or "for" or "set" or "with" or "macro" or "call" or "filter" or "print" or "generation" or "break" or "continue"): throw stream.Error($"Encountered unknown tag '{tag}'.");
        }
        stream.Read();
        return tag switch
        {
            "if" => If(line),
            "for" => For(line),
            "set" => Set(line),
            "with" => With(line),
            "print" => Print(line),
            "macro" => Macro(line),
            "call" => Call(line),
            "filter" => new FilterBlock(line, (Filter)expressions.FilterChain(null, isFirst: true)!, Body("endfilter")),
            "generation" => new With(line, [], Body("endgeneration")), // transformers notes where it is, and leaves the text as it is
            _ => new Leave(line, tag == "break" ? Flow.Break : Flow.Continue),
        };
    }

    private If If(int line)
    {
        var (branches, otherwise) = (new List<(Expression, IReadOnlyList<Statement>)>(), new List<Statement>());
        do
        {
            var test = expressions.Tuple(conditional: false);
            branches.Add((test, Content("elif", "else", "endif")));
        }
        while (stream.TakeName("elif"));
        if (stream.Read().Text == "else") otherwise = Body("endif");
        return new(line, branches, otherwise);
    }

    private For For(int line)
    {
        var target = expressions.Target(namespaces: false, isLoop: true);
        stream.Keyword("in");
        var items = expressions.Tuple(conditional: false);
        var test = stream.TakeName("if") ? expressions.Expression() : null;
        if (stream.Current.IsName("recursive")) throw stream.Unsupported("a loop that is recursive");
        var body = Content("endfor", "else");
        return new(line, target, items, test, body, stream.Read().Text == "else" ? Body("endfor") : []);
    }

    private Statement Set(int line)
    {
        var target = expressions.Target(namespaces: true);
        if (stream.TakeMark("=")) return new Set(line, target, expressions.Tuple());
        var filter = (Filter?)expressions.FilterChain(null, isFirst: false);
        return new SetBlock(line, target, filter, Body("endset"));
    }

    private With With(int line)
    {
        var variables = new List<(Expression, Expression)>();
        while (stream.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            if (variables.Count > 0) stream.Mark(",");
            var target = expressions.Target(namespaces: false);
            stream.Mark("=");
            variables.Add((target, expressions.Expression()));
        }
        return new(line, variables, Body("endwith"));
    }

    private Print Print(int line)
    {
        var values = new List<Expression>();
        while (stream.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            if (values.Count > 0) stream.Mark(",");
            values.Add(expressions.Expression());
        }
        return new(line, values);
    }

    private MacroStatement Macro(int line)
    {
        var name = stream.Name();
        var parameters = Parameters();
        return new(line, Definition(name, parameters, "endmacro"));
    }

    private CallBlock Call(int line)
    {
        var parameters = stream.Current.IsMark("(") ? Parameters() : [];
        var call = expressions.Expression() as Call ?? throw stream.Error("expected call");
        return new(line, call, Definition(null, parameters, "endcall"));
    }

    private MacroDefinition Definition(string? name, List<(string, Expression?)> parameters, string end)
    {
        var before = expressions.Names.Count;
        var body = Body(end);
        return new(name, parameters, body, expressions.Names.Skip(before).Intersect(Special).ToHashSet());
    }

    private List<(string, Expression?)> Parameters()
    {
        var parameters = new List<(string Name, Expression? Default)>();
        stream.Mark("(");
        while (!stream.Current.IsMark(")"))
        {
            if (parameters.Count > 0) stream.Mark(",");
            var name = stream.Name();
            if (stream.TakeMark("=")) parameters.Add((name, expressions.Expression()));
            else parameters.Add(parameters.Any(parameter => parameter.Default is not null) ? throw stream.Error("non-default argument follows default argument") : (name, null));
        }
        stream.Mark(")");
        return parameters;
    }
}
