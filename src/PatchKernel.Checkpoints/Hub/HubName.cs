using System.Text.RegularExpressions;

namespace PatchKernel.Hub;

/// <summary>A model's name on the Hugging Face hub, <c>org/name</c> or <c>org/name@revision</c>.</summary>
/// <param name="Repository"><c>org/name</c>.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
internal sealed partial record HubName(string Repository, string Revision)
{
    private const string MainRevision = "main";
    private const int MaxLength = 96;

    /// <summary>Its folder in the cache.</summary>
    public string FolderName => $"models--{Repository.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Whether the revision is a commit, which never changes.</summary>
    public bool IsCommit => Hex.IsCommit(Revision);

    /// <summary>Reads a name; null for what can only be a path.</summary>
    /// <remarks>Both parts become folders' names: what the hub itself refuses, such as <c>..</c> and <c>--</c>, is no name.</remarks>
    public static HubName? Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success || match.Groups["repository"].Value is not { Length: <= MaxLength } repository) return null;
        var revision = match.Groups["revision"] is { Success: true } given ? given.Value : MainRevision;
        var odd = repository.Contains("--", StringComparison.Ordinal) || $"{repository}/{revision}".Contains("..", StringComparison.Ordinal);
        return odd ? null : new HubName(repository, revision);
    }

    /// <summary>The name as it is written on the command line.</summary>
    public override string ToString() => Revision == MainRevision ? Repository : $"{Repository}@{Revision}";

    [GeneratedRegex(
        @"\A(?<repository>[A-Za-z0-9_][A-Za-z0-9_.-]*(?<![.-])/[A-Za-z0-9_][A-Za-z0-9_.-]*(?<![.-]))"
        + @"(@(?<revision>[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*))?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
