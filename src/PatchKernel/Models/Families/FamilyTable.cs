namespace PatchKernel.Models;

/// <summary>Every family there is: the classes of this library that derive from <see cref="Family"/>.</summary>
internal static class FamilyTable
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Family> All { get; } =
    [
        .. typeof(Family).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Family)) && !type.IsAbstract)
            .Select(type => (Family)Activator.CreateInstance(type)!).OrderBy(family => family.ModelType, StringComparer.Ordinal),
    ];

    /// <summary>What config.json may say.</summary>
    public static IEnumerable<string> ModelTypes => All.Select(family => family.ModelType);

    /// <summary>What a GGUF file may say.</summary>
    public static IEnumerable<string> Architectures => All.Select(family => family.Architecture).OfType<string>();

    /// <summary>The family that a config.json names; null where there is none.</summary>
    public static Family? ByModelType(string name) => All.FirstOrDefault(family => family.ModelType == name);

    /// <summary>The family that a GGUF file names; null where there is none.</summary>
    public static Family? ByArchitecture(string name) => All.FirstOrDefault(family => family.Architecture == name);
}
