using System.Text;
using System.Text.RegularExpressions;

namespace PatchKernel.Tokens;

/// <summary>Translates a pattern from Oniguruma, the reference implementation's engine, to .NET, where both mean the same.</summary>
/// <remarks>
/// What the two read differently (\w, ^, $, possessive quantifiers, scripts, nested classes, letters outside ASCII) is refused.
/// Letters under (?i:…) are spelled out with their Unicode case folding, since .NET leaves ſ out of s.
/// </remarks>
internal sealed class OnigurumaPattern
{
    private const string SimpleEscapes = "rntfsSdD";

    private static readonly HashSet<string> Categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn",
    ];

    private static readonly string[] GroupKinds = ["?:", "?i:", "?=", "?!", "?<=", "?<!", "?>"];

    /// <summary>Pairs of letters that one ligature folds to, as in ﬆ.</summary>
    private static readonly HashSet<string> Ligatures = ["ss", "st", "ff", "fi", "fl"];

    private readonly string _pattern;
    private readonly StringBuilder _translated = new();
    private readonly Stack<bool> _ignoreCase = new([false]);
    private int _next;
    private char _previousLetter;

    private OnigurumaPattern(string pattern) => _pattern = pattern;

    /// <summary>The pattern as .NET reads it.</summary>
    /// <exception cref="NotSupportedException">A part means something else to .NET; the message quotes it.</exception>
    public static string Translate(string pattern) => new OnigurumaPattern(pattern).Translate();

    private string Translate()
    {
        while (_next < _pattern.Length)
        {
            var start = _next;
            var c = _pattern[_next++];
            if (!char.IsAsciiLetter(c)) _previousLetter = '\0';
            switch (c)
            {
                case '\\': Escape(); break;
                case '[': Class(); break;
                case '(': Group(); break;
                case ')':
                    if (_ignoreCase.Count == 1) throw Unsupported(start);
                    _ignoreCase.Pop();
                    _translated.Append(c);
                    break;
                case '*' or '+' or '?' or '{': Quantifier(start); break;
                case '^' or '$': throw Unsupported(start);
                case '|' or '.': _translated.Append(c); break;
                default: Letter(c, insideClass: false); break;
            }
        }
        if (_ignoreCase.Count > 1) throw new NotSupportedException("a group that isn't closed");
        return _translated.ToString();
    }

    private void Escape()
    {
        var start = _next - 1;
        var c = _next < _pattern.Length ? _pattern[_next++] : '\0';
        var simple = SimpleEscapes.Contains(c) || (char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)));
        if (c is 'p' or 'P')
        {
            var close = _pattern.IndexOf('}', _next);
            var known = close > 0 && _pattern[_next] == '{' && Categories.Contains(_pattern[(_next + 1)..close]);
            if (!known || _ignoreCase.Peek()) throw Unsupported(start, close < 0 ? _pattern.Length : close + 1);
            _next = close + 1;
        }
        else if (!simple) throw Unsupported(start);
        _translated.Append(_pattern, start, _next - start);
    }

    private void Class()
    {
        var start = _next - 1;
        _translated.Append('[');
        if (Take('^')) _translated.Append('^');
        if (Take(']')) throw Unsupported(start);
        while (!Take(']'))
        {
            if (_next == _pattern.Length) throw new NotSupportedException("a class that isn't closed");
            var c = _pattern[_next++];
            if (c == '\\') Escape();
            else if (c == '[' || (c == '&' && Take('&')) || (c == '-' && _ignoreCase.Peek())) throw Unsupported(start);
            else Letter(c, insideClass: true);
        }
        _translated.Append(']');
    }

    private void Group()
    {
        var start = _next - 1;
        var ignoreCase = _ignoreCase.Peek();
        string? kind = null;
        if (_next < _pattern.Length && _pattern[_next] == '?')
        {
            kind = Array.Find(GroupKinds, known => _pattern.AsSpan(_next).StartsWith(known, StringComparison.Ordinal))
                ?? throw Unsupported(start);
            _next += kind.Length;
        }
        _ignoreCase.Push(ignoreCase || kind == "?i:");
        _translated.Append('(').Append(kind == "?i:" ? "?:" : kind);
    }

    private void Quantifier(int start)
    {
        if (_pattern[start] == '{')
        {
            var braces = Regex.Match(_pattern[start..], @"^\{\d+(,\d*)?\}(?![?+])");
            if (!braces.Success) throw Unsupported(start);
            _next = start + braces.Length;
        }
        else Take('?');
        if (_next < _pattern.Length && _pattern[_next] == '+') throw Unsupported(start, _next + 1);
        _translated.Append(_pattern, start, _next - start);
    }

    private void Letter(char c, bool insideClass)
    {
        if (!char.IsAscii(c)) throw Unsupported(_next - 1);
        if (!_ignoreCase.Peek() || !char.IsAsciiLetter(c))
        {
            _translated.Append(c);
            return;
        }
        var lower = char.ToLowerInvariant(c);
        if (!insideClass && Ligatures.Contains($"{_previousLetter}{lower}")) throw Unsupported(_next - 2);
        _previousLetter = lower;
        var same = $"{lower}{char.ToUpperInvariant(c)}{lower switch { 's' => "ſ", 'k' => "\u212A", _ => "" }}";
        _translated.Append(insideClass ? same : $"[{same}]");
    }

    private bool Take(char c)
    {
        if (_next == _pattern.Length || _pattern[_next] != c) return false;
        _next++;
        return true;
    }

    private NotSupportedException Unsupported(int start, int? end = null) => new($"'{_pattern[start..(end ?? _next)]}'");
}
