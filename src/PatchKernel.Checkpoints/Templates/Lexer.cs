namespace PatchKernel.Templates;

/// <summary>Cuts a template into tokens as jinja2 does with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which transformers sets.</summary>
internal sealed class Lexer
{
    private const int MostLetters = 1_000_000; // the longest chat templates have 20,000

    private readonly string source;
    private readonly List<Token> tokens = [];
    private int at, line = 1, counted;

    private Lexer(string source) => this.source = source;

    /// <summary>A template's tokens, the last one <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateError">It has a tag that doesn't end, or something in it that is no token.</exception>
    public static List<Token> Tokens(string source)
    {
        if (source.Length > MostLetters) throw new TemplateError(TemplateFault.TooMuch, "it is longer than any template should be");
        var lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new Lexer(lines.EndsWith('\n') ? lines[..^1] : lines);
        lexer.Run();
        return lexer.tokens;
    }

    private void Run()
    {
        while (NextTag() is var tag && tag >= 0)
        {
            var kind = source[tag + 1];
            var text = source[at..tag];
            var sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            AddData(Stripped(text, sign, isPrint: kind == '{'));
            at = tag + (sign == ' ' ? 2 : 3);
            if (kind == '#') SkipComment();
            else if (kind == '{') ReadTag(TokenKind.VariableBegin, TokenKind.VariableEnd, "}}", trims: false);
            else if (RawBegin() is var begin && begin >= 0) ReadRaw(begin);
            else ReadTag(TokenKind.BlockBegin, TokenKind.BlockEnd, "%}", trims: true);
        }
        AddData(source[at..]);
        at = source.Length;
        Add(TokenKind.End, "");
    }

    /// <summary>Where the next tag begins; -1 for nowhere.</summary>
    private int NextTag()
    {
        for (var i = source.IndexOf('{', at); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '%' or '{' or '#') return i;
        return -1;
    }

    /// <summary>The text before a tag without the white space that the tag takes away.</summary>
    private string Stripped(string text, char sign, bool isPrint)
    {
        if (sign == '-') return PythonText.TrimEnd(text);
        if (sign == '+' || isPrint) return text;
        var start = text.LastIndexOf('\n') + 1;
        var isLineStart = start > 0 || at == 0 || source[at - 1] == '\n';
        return isLineStart && start < text.Length && text.AsSpan(start).IndexOfAnyExcept(PythonText.Spaces) < 0 ? text[..start] : text;
    }

    private void SkipComment()
    {
        var end = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (end < 0) throw Syntax("Missing end of comment tag");
        AfterEnd(end > at ? source[end - 1] : ' ', end + 2, trims: true);
    }

    /// <summary>Goes on behind an end of a tag, and over the white space that it takes away.</summary>
    private void AfterEnd(char sign, int end, bool trims)
    {
        at = end;
        if (sign == '-')
            while (at < source.Length && PythonText.IsSpace(source[at])) at++;
        else if (trims && sign != '+' && at < source.Length && source[at] == '\n') at++;
    }

    /// <summary>Where a raw block's content begins, if the tag at hand begins one; else -1.</summary>
    private int RawBegin()
    {
        var i = SkipSpaces(at);
        if (string.CompareOrdinal(source, i, "raw", 0, 3) != 0) return -1;
        i = SkipSpaces(i + 3);
        if (string.CompareOrdinal(source, i, "%}", 0, 2) == 0) return i + 2;
        return string.CompareOrdinal(source, i, "-%}", 0, 3) == 0 ? SkipSpaces(i + 3) : -1;
    }

    private void ReadRaw(int begin)
    {
        for (var tag = source.IndexOf("{%", begin, StringComparison.Ordinal); tag >= 0; tag = source.IndexOf("{%", tag + 2, StringComparison.Ordinal))
        {
            var sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            var i = SkipSpaces(tag + (sign == ' ' ? 2 : 3));
            if (string.CompareOrdinal(source, i, "endraw", 0, 6) != 0) continue;
            i = SkipSpaces(i + 6);
            var end = i < source.Length && source[i] is '-' or '+' ? source[i] : ' ';
            if (end != ' ') i++;
            if (string.CompareOrdinal(source, i, "%}", 0, 2) != 0) continue;
            at = begin;
            AddData(Stripped(source[begin..tag], sign, isPrint: false));
            AfterEnd(end, i + 2, trims: true);
            return;
        }
        throw Syntax("Missing end of raw directive");
    }

    private void ReadTag(TokenKind begin, TokenKind end, string mark, bool trims)
    {
        Add(begin, "");
        var open = new Stack<char>();
        while (true)
        {
            at = SkipSpaces(at);
            if (at >= source.Length) return; // the parser says what is missing
            var sign = source[at] == '-' || (trims && source[at] == '+') ? source[at] : ' ';
            var markAt = sign == ' ' ? at : at + 1;
            if (open.Count == 0 && string.CompareOrdinal(source, markAt, mark, 0, 2) == 0)
            {
                Add(end, "");
                AfterEnd(sign, markAt + 2, trims);
                return;
            }
            var token = TokenReader.Read(source, at, Line(), out var length);
            Balance(open, token);
            tokens.Add(token);
            at += length;
        }
    }

    private void Balance(Stack<char> open, Token token)
    {
        if (token.Kind != TokenKind.Mark) return;
        if (token.Text is "(" or "[" or "{") open.Push(token.Text[0] switch { '(' => ')', '[' => ']', _ => '}' });
        if (token.Text is not (")" or "]" or "}")) return;
        if (open.Count == 0) throw Syntax($"unexpected '{token.Text}'");
        if (open.Pop() is var expected && expected != token.Text[0]) throw Syntax($"unexpected '{token.Text}', expected '{expected}'");
    }

    private int SkipSpaces(int from)
    {
        while (from < source.Length && PythonText.IsSpace(source[from])) from++;
        return from;
    }

    private void AddData(string text)
    {
        if (text.Length > 0) Add(TokenKind.Data, text);
    }

    private void Add(TokenKind kind, string text) => tokens.Add(new(kind, text, Line()));

    private int Line()
    {
        if (at > counted)
        {
            line += source.AsSpan(counted, at - counted).Count('\n');
            counted = at;
        }
        return line;
    }

    private TemplateError Syntax(string what) => new(TemplateFault.Syntax, what, Line());
}
