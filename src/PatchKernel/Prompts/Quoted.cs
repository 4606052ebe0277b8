using System.Text;

namespace PatchKernel;

/// <summary>Texts in quotes on one line: white space stays visible.</summary>
internal static class Quoted
{
    /// <summary>The text in double quotes, with line breaks, tabs, quotes and control characters escaped.</summary>
    public static string Text(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
            quoted.Append(c switch
            {
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                '"' => @"\""",
                '\\' => @"\\",
                _ when char.IsControl(c) => $@"\u{(int)c:x4}",
                _ => c.ToString(),
            });
        return quoted.Append('"').ToString();
    }
}
