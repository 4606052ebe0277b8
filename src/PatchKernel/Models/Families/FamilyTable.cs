using System.Reflection;

namespace PatchKernel.Models;

/// <summary>Every family there is. A family's own file adds a property here that makes it, so that no type of the library is loaded to look for them.</summary>
internal static partial class FamilyTable
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Family> All { get; } =
    [
        .. typeof(FamilyTable).GetProperties(BindingFlags.Static | BindingFlags.NonPublic).Where(property => property.PropertyType == typeof(Family))
            .Select(property => (Family)property.GetValue(null)!).OrderBy(family => family.ModelType, StringComparer.Ordinal),
    ];

    /// <summary>What config.json may say.</summary>
    public static IEnumerable<string> ModelTypes => All.Select(family => family.ModelType);

    /// <summary>What a GGUF file may say.</summary>
    public static IEnumerable<string> Architectures => All.Select(family => family.Architecture).OfType<string>();

    /// <summary>What an error says of a name that isn't one of these.</summary>
    public static string OnlyThese(IEnumerable<string> names) => $"only {string.Join(", ", names.SkipLast(1))} and {names.Last()} are supported";

    /// <summary>The family that a config.json names; null where there is none.</summary>
    public static Family? ByModelType(string name) => All.FirstOrDefault(family => family.ModelType == name);

    /// <summary>The family that a GGUF file names; null where there is none.</summary>
    public static Family? ByArchitecture(string name) => All.FirstOrDefault(family => family.Architecture == name);
}
