using System.Text.RegularExpressions;

namespace PatchKernel.Notebooks;

/// <summary>The state of the files that a notebook's cells name: a cell is run again when one of its files is saved.</summary>
internal static partial class WatchedFiles
{
    /// <summary>The time and length of a file; empty where there is none.</summary>
    public static string Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? FormattableString.Invariant($"{file.LastWriteTimeUtc.Ticks}/{file.Length}") : "";
    }

    /// <summary>What a cell's run depends on: its code, and the stamps of the files whose paths stand in it.</summary>
    public static string Fingerprint(string code, string folder) => string.Join('\n', [code, .. Named(code, folder).Select(Stamp)]);

    /// <summary>The files whose paths stand in the code; not libraries, which can't be loaded twice.</summary>
    public static IEnumerable<string> Named(string code, string folder) =>
        from text in Text().Matches(code)
        let path = Path.Combine(folder, text.Groups["text"].Value)
        where Path.GetExtension(path) is not ("" or ".dll") && File.Exists(path)
        select path;

    [GeneratedRegex("\"(?<text>[^\"\n\0]{1,250})\"")]
    private static partial Regex Text();
}
