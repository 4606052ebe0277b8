namespace PatchKernel.Notebooks;

/// <summary>Where a written file stands, and so what a relative link in it leads to.</summary>
/// <param name="path">The file.</param>
/// <param name="others">Files that are written with it, and may not be there yet.</param>
internal sealed class LinkPlace(string path, IReadOnlyCollection<string> others)
{
    private static readonly string[] Notebooks = [".dib", ".ipynb"];

    private readonly string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
    private readonly string ending = Path.GetExtension(path).ToLowerInvariant();
    private readonly HashSet<string> written = [.. others.Select(Path.GetFullPath)];

    /// <summary>The link to the same notebook in this file's format; null where the link is another, or that notebook isn't there.</summary>
    public string? Turned(string link)
    {
        if (Split(link) is not var (name, after) || Path.GetExtension(name) is not { } other || other == ending || !Notebooks.Contains(other)) return null;
        var turned = name[..^other.Length] + ending;
        return IsThere(Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(turned)))) ? turned + after : null;
    }

    /// <summary>The link as it has to be in this file: to the notebook's own page where there is one, otherwise to the file.</summary>
    /// <param name="link">The link, as it stands in the notebook.</param>
    /// <param name="source">The notebook's folder.</param>
    /// <param name="place">The file; null for a page that is no file.</param>
    /// <returns>Null where it leads to nothing.</returns>
    public static string? Led(string link, string source, LinkPlace? place) =>
        Split(link) is var (name, after) ? place?.Led(name, source) is { } led ? led + after : null : link;

    private string? Led(string name, string source)
    {
        var target = Path.GetFullPath(Path.Combine(source, Uri.UnescapeDataString(name)));
        if (Notebooks.Contains(Path.GetExtension(name)) && Path.Combine(folder, Path.GetFileNameWithoutExtension(target) + ending) is var page && IsThere(page)) target = page;
        else if (!Path.Exists(target)) return null;
        var way = Path.GetRelativePath(folder, target);
        return Path.IsPathRooted(way) ? null : string.Join('/', way.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
    }

    private bool IsThere(string file) => written.Contains(file) || File.Exists(file);

    /// <summary>A relative link's path, and what comes after it; null for a link to a place on the page, or to elsewhere.</summary>
    private static (string Name, string After)? Split(string link)
    {
        var end = link.IndexOfAny(['#', '?']);
        var name = end < 0 ? link : link[..end];
        return name.Length == 0 || name[0] == '/' || name.Contains(':', StringComparison.Ordinal) || name.Contains("%00", StringComparison.Ordinal) ? null : (name, link[name.Length..]);
    }
}
