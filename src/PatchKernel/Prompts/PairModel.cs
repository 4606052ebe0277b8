using System.Text.RegularExpressions;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>A model that a pair is for, and its best next tokens there.</summary>
/// <param name="Name">Its name on the hub, <c>org/name</c>, or a folder's.</param>
/// <param name="Clean">The clean run's best next token; null where it isn't known.</param>
/// <param name="Corrupt">The corrupt run's, which need not be the corrupt target; null where it isn't known.</param>
public sealed partial record PairModel(string Name, string? Clean, string? Corrupt)
{
    /// <summary>A remark on the tokens, in one sentence, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Whether a model's name means this one: by their last parts, so that a folder and a GGUF file of it count as it.</summary>
    /// <param name="model">A name on the hub, perhaps with a revision, or a folder's or a file's.</param>
    public bool Is(string model) => string.Equals(LastPart(Name), LastPart(model), StringComparison.OrdinalIgnoreCase);

    /// <summary>The name and both tokens.</summary>
    public override string ToString() => $"{Name}: clean run {Text(Clean)}, corrupt run {Text(Corrupt)}";

    /// <summary>The name without its organisation, for tables.</summary>
    internal string ShortName => Name[(Name.LastIndexOf('/') + 1)..];

    private static string Text(string? token) => token is null ? "not known" : Quoted.Text(token);

    private static string LastPart(string name) => Around().Replace(name, "");

    // The organisation, the revision, and what GGUF files have behind the name, such as .Q4_1 or -q8_0.
    [GeneratedRegex(@"^[^@]*/|@.*$|[.-](Q\d_\w+|F16|F32|BF16)$", RegexOptions.IgnoreCase)]
    private static partial Regex Around();
}
