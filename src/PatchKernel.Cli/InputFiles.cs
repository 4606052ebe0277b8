using PatchKernel.Files;

namespace PatchKernel.Cli;

/// <summary>The files that a command reads: none of them may be written over.</summary>
internal static class InputFiles
{
    private static readonly string[] OfModel =
    [
        FileNames.Config, FileNames.TokenizerJson, FileNames.Adapter, FileNames.TokenizerConfig, FileNames.SpecialTokens, FileNames.OtherTokens,
        FileNames.GenerationConfig, "vocab.json", "merges.txt",
    ];

    private static readonly string[] Weights = [".safetensors", ".gguf", ".bin", ".pth", ".pt", ".model", ".index.json"];

    /// <summary>How paths compare: as their file systems do by default.</summary>
    public static StringComparison Case { get; } = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>Fails where an output would replace an input, or put a file into a model's folder that the model would read next time.</summary>
    /// <param name="outputs">Each output's option and path.</param>
    /// <param name="inputs">Files, and models' folders or files; names that aren't paths are passed over.</param>
    public static void RefuseAsOutputs(IEnumerable<(string Option, string Path)> outputs, params IEnumerable<string> inputs)
    {
        string[] there = [.. inputs.Where(Path.Exists)];
        foreach (var (option, path) in outputs)
        {
            var place = AtomicFile.PlaceOf(path);
            if (there.FirstOrDefault(input => Reads(input, place)) is { } read)
                throw new UsageException($"{option} would write '{path}', which {read} is read from; name another file");
        }
    }

    private static bool Reads(string input, string place)
    {
        if (!Directory.Exists(input))
            return Same(AtomicFile.PlaceOf(input), place) || (HasEnding(input, ".gguf") && HasEnding(place, ".gguf") && InFolder(Path.GetDirectoryName(Path.GetFullPath(input))!, place));
        // A model of the hub is a folder of links.
        return (IsOfModel(place) && InFolder(input, place)) || Directory.EnumerateFiles(input).Any(file => IsOfModel(file) && Same(AtomicFile.PlaceOf(file), place));
    }

    private static bool InFolder(string folder, string place) => Same(AtomicFile.PlaceOf(Path.TrimEndingDirectorySeparator(folder)), Path.GetDirectoryName(place)!);

    private static bool IsOfModel(string file) =>
        OfModel.Any(name => Same(name, Path.GetFileName(file))) || Weights.Any(ending => HasEnding(file, ending));

    private static bool HasEnding(string path, string ending) => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static bool Same(string a, string b) => string.Equals(a, b, Case);
}
