using System.Globalization;
using System.Text.RegularExpressions;
using PatchKernel.Text;

namespace PatchKernel.Gguf;

/// <summary>Which part of a model a GGUF file is, where the model was split into several.</summary>
/// <param name="Number">The part, from 0; the first has the metadata.</param>
/// <param name="Count">Number of parts, 2 or more.</param>
/// <param name="Tensors">Number of tensors in all parts, or null where the file doesn't say.</param>
internal sealed partial record GgufSplit(int Number, int Count, int? Tensors)
{
    private const string CountKey = "split.count";
    private const string OlderCountKey = "general.split_count"; // llama-gguf-split of March 2024

    /// <summary>Reads the part's number from the metadata, in the new or the old spelling; null if the file is a whole model.</summary>
    /// <exception cref="PatchKernelException">They say what can't be.</exception>
    public static GgufSplit? Of(GgufMetadata metadata) =>
        Read(metadata, "split.no", CountKey, "split.tensors.count") ?? Read(metadata, "general.split", OlderCountKey, "general.split_tensors_count");

    /// <summary>The paths of all parts, by the path of one of them.</summary>
    /// <exception cref="PatchKernelException">The file isn't called what a part is called, or parts aren't there.</exception>
    public IReadOnlyList<string> Paths(string path)
    {
        var what = $"'{path}' is part {Number + 1} of {Count} of a split model";
        var match = PartName().Match(Path.GetFileName(path));
        if (!match.Success || Value("number") != Number + 1 || Value("count") != Count)
            throw new PatchKernelException($"{what}, and by its name the others can't be found: give it the name that it had, which ends in {Ending(Number, ".gguf")}.");

        var names = Enumerable.Range(0, Count).Select(number => match.Groups["model"].Value + Ending(number, match.Groups["end"].Value));
        var paths = names.Select(name => Path.Combine(Path.GetDirectoryName(path) ?? "", name)).ToList();
        var missing = paths.Where(part => !File.Exists(part)).Select(part => Path.GetFileName(part)).ToList();
        return missing.Count == 0
            ? paths
            : throw new PatchKernelException($"{what}, and others aren't beside it: {Excerpt.List(missing, Excerpt.Text)}; put all parts into one folder.");

        int Value(string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>A model's name without the ending that a part has.</summary>
    public static string NameOf(string name) => PartName().Match($"{name}.gguf") is { Success: true } match ? match.Groups["model"].Value : name;

    private static GgufSplit? Read(GgufMetadata metadata, string numberKey, string countKey, string tensorsKey)
    {
        if (metadata.Index(countKey) is not { } count || count < 2) return null;
        var number = metadata.Index(numberKey) ?? throw new PatchKernelException($"'{metadata.Path}' has {countKey} and no {numberKey}: it is damaged.");
        if (number >= count) throw metadata.Wrong(numberKey, $"{countKey} is {count}");
        return new(number, count, metadata.Index(tensorsKey));
    }

    private string Ending(int number, string end) => string.Create(CultureInfo.InvariantCulture, $"-{number + 1:D5}-of-{Count:D5}{end}");

    [GeneratedRegex(@"\A(?<model>.*)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})(?<end>\.gguf)\z",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PartName();
}
