namespace PatchKernel.Templates;

/// <summary>
/// A Jinja template as transformers' chat templates are written: what they use of jinja2 gives the text that jinja2 3.1 gives in transformers' sandbox, and
/// the rest is refused by its name. It can neither run for ever nor take memory without end, whatever it says.
/// </summary>
internal sealed class Template
{
    private readonly IReadOnlyList<Statement> statements;
    private readonly int length;

    private Template(IReadOnlyList<Statement> statements, int length) => (this.statements, this.length) = (statements, length);

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateError">It isn't written as a template has to be, or has a part that isn't supported.</exception>
    public static Template Parse(string source)
    {
        try
        {
            return new(StatementParser.Parse(source), source.Length);
        }
        catch (InsufficientExecutionStackException)
        {
            throw TooDeep(0);
        }
    }

    /// <summary>The text.</summary>
    /// <param name="variables">What it is given.</param>
    /// <param name="inputLength">The letters of these.</param>
    /// <param name="clock">What strftime_now reads.</param>
    /// <exception cref="TemplateError">It gives none.</exception>
    public string Render(IReadOnlyDictionary<string, object?> variables, long inputLength, TimeProvider clock)
    {
        var rendering = new Rendering(inputLength + length, clock);
        try
        {
            var output = new Output(rendering);
            if (Statement.RunAll(statements, new Scope(rendering, variables.ToDictionary()), output) != Flow.Next) throw new TemplateError(TemplateFault.Syntax, "'break' outside loop");
            return output.ToString();
        }
        catch (TemplateError e) when (e.Line == 0)
        {
            throw new TemplateError(e.Fault, e.Message, rendering.Line);
        }
        catch (InsufficientExecutionStackException)
        {
            throw TooDeep(rendering.Line);
        }
        catch (OverflowException)
        {
            throw new TemplateError(TemplateFault.Unsupported, Arithmetic.TooLarge, rendering.Line);
        }
    }

    private static TemplateError TooDeep(int line) => new(TemplateFault.TooMuch, "it nests deeper than any template should", line);
}
