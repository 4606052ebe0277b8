using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>Another text for a variable: <c>--set name=value</c>.</summary>
/// <remarks>It replaces the one string on the first line of a cell that reads <c>var name = …"text"…;</c>.</remarks>
internal sealed partial record Assignment(string Name, string Value)
{
    /// <summary>Reads <c>name=value</c>.</summary>
    /// <returns>Null where it doesn't read so.</returns>
    public static Assignment? Parse(string text) =>
        text.Split('=', 2) is [var name, var value] && Identifier().IsMatch(name) ? new(name, value) : null;

    /// <summary>Replaces the text in the notebook.</summary>
    /// <returns>Whether it has such a line.</returns>
    public bool Apply(InteractiveDocument document)
    {
        foreach (var cell in document.Elements.Where(cell => cell.KernelName == NotebookFile.CSharp))
        {
            var line = Declaration().Matches(cell.Contents).FirstOrDefault(line => line.Groups["name"].Value == Name);
            if (line?.Groups["text"] is not { } old) continue;
            var literal = SymbolDisplay.FormatLiteral(Value, quote: true);
            cell.Contents = cell.Contents[..old.Index] + literal + cell.Contents[(old.Index + old.Length)..];
            return true;
        }
        return false;
    }

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{Nd}_]*$")]
    private static partial Regex Identifier();

    // One string, plain or verbatim, and nothing else in quotes.
    [GeneratedRegex("""^(?:var|string)[ ]+(?<name>\w+)[ ]*=[^"'\n]*?(?<text>"(?:[^"\\\n]|\\.)*"|@"[^"\n]*")[^"'\n]*;[^\n]*$""", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
