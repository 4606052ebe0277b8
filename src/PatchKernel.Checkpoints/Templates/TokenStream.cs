namespace PatchKernel.Templates;

/// <summary>A template's tokens, read from front to back.</summary>
/// <param name="tokens">The tokens.</param>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private int at;

    /// <summary>The token at hand.</summary>
    public Token Current => tokens[at];

    /// <summary>The one behind it.</summary>
    public Token Next => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <summary>Goes on.</summary>
    /// <returns>The token that was at hand.</returns>
    public Token Read()
    {
        var token = tokens[at];
        if (at + 1 < tokens.Count) at++;
        return token;
    }

    /// <summary>Goes on if the token is that name.</summary>
    public bool TakeName(string name) => Take(Current.IsName(name));

    /// <summary>Goes on if the token is that mark.</summary>
    public bool TakeMark(string mark) => Take(Current.IsMark(mark));

    /// <summary>Reads a name.</summary>
    /// <exception cref="TemplateError">There is something else.</exception>
    public string Name() => Current.Kind == TokenKind.Name ? Read().Text : throw Expected("name");

    /// <summary>Reads a keyword.</summary>
    /// <exception cref="TemplateError">There is something else.</exception>
    public void Keyword(string name)
    {
        if (!TakeName(name)) throw Expected(name);
    }

    /// <summary>Reads a mark.</summary>
    /// <exception cref="TemplateError">There is something else.</exception>
    public void Mark(string mark)
    {
        if (!TakeMark(mark)) throw Expected(mark);
    }

    /// <summary>Reads the end of a tag.</summary>
    /// <exception cref="TemplateError">There is something else.</exception>
    public void End(TokenKind kind)
    {
        if (!Take(Current.Kind == kind)) throw Expected(new Token(kind, "", 0).Shown);
    }

    /// <summary>An error at the token at hand.</summary>
    public TemplateError Error(string what) => new(TemplateFault.Syntax, what, Current.Line);

    /// <summary>A part that isn't supported, at the token at hand.</summary>
    public TemplateError Unsupported(string what) => new(TemplateFault.Unsupported, what, Current.Line);

    private TemplateError Expected(string what) => Error($"expected token '{what}', got '{Current.Shown}'");

    private bool Take(bool isIt)
    {
        if (isIt) Read();
        return isIt;
    }
}
