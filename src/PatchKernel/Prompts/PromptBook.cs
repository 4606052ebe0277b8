using PatchKernel.Files;
using PatchKernel.Prompts;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>The named prompt pairs of a <c>prompts.json</c>; <c>prompts.schema.json</c> beside it says what a pair holds.</summary>
public sealed partial class PromptBook
{
    private PromptBook(string path, IReadOnlyList<PairDefinition> pairs) => (Path, Pairs) = (path, pairs);

    /// <summary>The file it came from.</summary>
    public string Path { get; }

    /// <summary>Every pair, in the file's order.</summary>
    public IReadOnlyList<PairDefinition> Pairs { get; }

    /// <summary>Reads a file of pairs.</summary>
    /// <exception cref="PatchKernelException">The file isn't there, or is broken: the message has line and column.</exception>
    public static PromptBook Load(string path)
    {
        if (!InputFile.Exists(path)) throw new PatchKernelException($"There is no prompts file '{path}'; give the path of a JSON file of prompt pairs.");
        return new(path, PromptBookReader.Read(path));
    }

    /// <summary>The pair of a name.</summary>
    /// <exception cref="PatchKernelException">No pair has that name; the message offers near ones.</exception>
    public PairDefinition Find(string name)
    {
        foreach (var pair in Pairs)
            if (pair.Name == name) return pair;
        if (Pairs.Count == 0) throw new PatchKernelException($"'{Path}' has no pairs; write one, as data/prompts.schema.json has it.");
        var names = Pairs.Select(pair => pair.Name).ToList();
        var near = NearNames.Of(name, names, 3);
        var advice = near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"choose one of {Excerpt.List(names, name => name)}.";
        throw new PatchKernelException($"There is no pair '{name}' in {Path}; {advice}");
    }

    /// <summary>The file and the pairs' names.</summary>
    public override string ToString() => $"{Path}: {string.Join(", ", Pairs.Select(pair => pair.Name))}";
}
