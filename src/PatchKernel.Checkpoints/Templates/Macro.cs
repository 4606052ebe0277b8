namespace PatchKernel.Templates;

/// <summary>A macro, or the body of a call block.</summary>
/// <param name="definition">What the template says.</param>
/// <param name="scope">Where it stands: what it can see besides its parameters.</param>
internal sealed class Macro(MacroDefinition definition, Scope scope) : Callable
{
    /// <summary>Its name; null for a call block's body.</summary>
    public string? Name => definition.Name;

    public override object? Call(Arguments arguments, Rendering rendering)
    {
        var inner = scope.Inner();
        var named = arguments.Names.ToList();
        var parameters = definition.Parameters;
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, fallback) = parameters[i];
            if (i < arguments.Places.Count) inner.Set(name, arguments.Places[i]);
            else if (named.FindIndex(entry => entry.Name == name) is var place and >= 0)
            {
                inner.Set(name, named[place].Value);
                named.RemoveAt(place);
            }
            else inner.Set(name, fallback is null ? new Undefined($"parameter {Printing.Repr(name)} was not provided") : fallback.Of(inner));
        }
        SetSpecial(inner, arguments, named);
        var (output, line) = (new Output(rendering), rendering.Line);
        if (Statement.RunAll(definition.Body, inner, output) != Flow.Next) throw new TemplateError(TemplateFault.Syntax, "'break' outside loop", rendering.Line);
        rendering.Line = line;
        return output.ToString();
    }

    /// <summary>caller, kwargs and varargs are there where the body names them; else nobody may give what they would take.</summary>
    private void SetSpecial(Scope inner, Arguments arguments, List<(string Name, object? Value)> named)
    {
        if (definition.Uses("caller"))
        {
            var place = named.FindIndex(entry => entry.Name == "caller");
            inner.Set("caller", place < 0 ? new Undefined("No caller defined") : named[place].Value);
            if (place >= 0) named.RemoveAt(place);
        }
        if (definition.Uses("kwargs"))
        {
            var rest = new Dictionary();
            foreach (var (name, value) in named) rest.Set(name, value);
            inner.Set("kwargs", rest);
        }
        else if (named.Any(entry => entry.Name == "caller"))
            throw TemplateError.Failed($"macro {Printing.Repr(Name)} was invoked with two values for the special caller argument. This is most likely a bug.");
        else if (named.Count > 0) throw TemplateError.Failed($"macro {Printing.Repr(Name)} takes no keyword argument '{named[0].Name}'");
        if (definition.Uses("varargs")) inner.Set("varargs", Sequence.Tuple([.. arguments.Places.Skip(definition.Parameters.Count)]));
        else if (arguments.Places.Count > definition.Parameters.Count)
            throw TemplateError.Failed(FormattableString.Invariant($"macro {Printing.Repr(Name)} takes not more than {definition.Parameters.Count} argument(s)"));
    }
}

/// <summary>What a template says of a macro.</summary>
/// <param name="Name">Its name; null for a call block's body.</param>
/// <param name="Parameters">Parameters with what stands for them where they aren't given.</param>
/// <param name="Body">Its content.</param>
/// <param name="Special">Which of caller, kwargs and varargs the body names.</param>
internal sealed record MacroDefinition(string? Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, IReadOnlySet<string> Special)
{
    /// <summary>Whether the body uses one of the special names, and it is no parameter's.</summary>
    public bool Uses(string name) => Special.Contains(name) && Parameters.All(parameter => parameter.Name != name);
}
