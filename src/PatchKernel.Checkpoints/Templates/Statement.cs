namespace PatchKernel.Templates;

/// <summary>How a loop goes on after a statement.</summary>
internal enum Flow
{
    /// <summary>With the next statement.</summary>
    Next,

    /// <summary>Not at all.</summary>
    Break,

    /// <summary>With the next round.</summary>
    Continue,
}

/// <summary>A part of a template that writes, sets or decides something.</summary>
/// <param name="line">Its line.</param>
internal abstract class Statement(int line)
{
    /// <summary>Its line.</summary>
    public int Line => line;

    /// <summary>Runs statements until one of them leaves the loop's round.</summary>
    public static Flow RunAll(IReadOnlyList<Statement> statements, Scope scope, Output output)
    {
        Values.CheckDepth();
        foreach (var statement in statements)
        {
            scope.Rendering.Step();
            scope.Rendering.Line = statement.Line;
            if (statement.Run(scope, output) is not Flow.Next and var flow) return flow;
        }
        return Flow.Next;
    }

    protected abstract Flow Run(Scope scope, Output output);
}

/// <summary>Text as it stands.</summary>
internal sealed class Data(int line, string text) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        output.Write(text);
        return Flow.Next;
    }
}

/// <summary><c>{{ a }}</c>, and <c>{% print a, b %}</c>.</summary>
internal sealed class Print(int line, params IReadOnlyList<Expression> values) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        foreach (var value in values) output.Write(Printing.Str(value.Of(scope), scope.Rendering));
        return Flow.Next;
    }
}

/// <summary><c>{% if %}</c>: the first branch whose test is true; it has no scope of its own.</summary>
internal sealed class If(int line, IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> branches, IReadOnlyList<Statement> otherwise) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        foreach (var (test, body) in branches)
            if (Values.IsTrue(test.Of(scope))) return RunAll(body, scope, output);
        return RunAll(otherwise, scope, output);
    }
}

/// <summary><c>{% for %}</c>.</summary>
internal sealed class For(int line, Expression target, Expression items, Expression? test, IReadOnlyList<Statement> body, IReadOnlyList<Statement> otherwise) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        var chosen = Values.List(items.Of(scope), scope.Rendering);
        if (test is not null)
            chosen.RemoveAll(item =>
            {
                var inner = scope.Inner();
                Target.Set(target, item, inner);
                return !Values.IsTrue(test.Of(inner));
            });
        var (loop, finished) = (new Loop(chosen), false);
        for (var round = 0; round < chosen.Count; round++)
        {
            loop.GoTo(round);
            var inner = scope.Inner();
            inner.Set("loop", loop);
            Target.Set(target, chosen[round], inner);
            var flow = RunAll(body, inner, output);
            if (flow == Flow.Break) break;
            finished |= flow == Flow.Next;
        }
        return finished ? Flow.Next : RunAll(otherwise, scope.Inner(), output); // as in jinja2 a round that continue or break ends doesn't count
    }
}

/// <summary><c>{% set a = b %}</c>.</summary>
internal sealed class Set(int line, Expression target, Expression value) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        Target.Check(target, scope);
        Target.Set(target, value.Of(scope), scope);
        return Flow.Next;
    }
}

/// <summary><c>{% set a | filter %}…{% endset %}</c>.</summary>
internal sealed class SetBlock(int line, Expression target, Filter? filter, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        var (inner, content) = (scope.Inner(), new Output(scope.Rendering));
        if (RunAll(body, inner, content) is not Flow.Next and var flow) return flow;
        Target.Set(target, filter is null ? content.ToString() : filter.OfContent(content.ToString(), inner), scope);
        return Flow.Next;
    }
}

/// <summary><c>{% filter a %}…{% endfilter %}</c>.</summary>
internal sealed class FilterBlock(int line, Filter filter, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        var (inner, content) = (scope.Inner(), new Output(scope.Rendering));
        if (RunAll(body, inner, content) is not Flow.Next and var flow) return flow;
        output.Write(Printing.Str(filter.OfContent(content.ToString(), inner), scope.Rendering));
        return Flow.Next;
    }
}

/// <summary><c>{% with a = b %}…{% endwith %}</c>, and transformers' <c>{% generation %}</c>: a scope of its own.</summary>
internal sealed class With(int line, IReadOnlyList<(Expression Target, Expression Value)> variables, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        var inner = scope.Inner();
        foreach (var (target, value) in variables.Select(variable => (variable.Target, variable.Value.Of(scope))).ToList()) Target.Set(target, value, inner);
        return RunAll(body, inner, output);
    }
}

/// <summary><c>{% macro a(b, c=d) %}…{% endmacro %}</c>.</summary>
internal sealed class MacroStatement(int line, MacroDefinition definition) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        scope.Set(definition.Name!, new Macro(definition, scope));
        return Flow.Next;
    }
}

/// <summary><c>{% call(a) b(c) %}…{% endcall %}</c>: the content is the macro's caller.</summary>
internal sealed class CallBlock(int line, Call call, MacroDefinition content) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output)
    {
        output.Write(Printing.Str(call.With(scope, "caller", new Macro(content, scope)), scope.Rendering));
        return Flow.Next;
    }
}

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
internal sealed class Leave(int line, Flow flow) : Statement(line)
{
    protected override Flow Run(Scope scope, Output output) => flow;
}
