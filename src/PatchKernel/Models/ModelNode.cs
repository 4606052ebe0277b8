namespace PatchKernel.Models;

/// <summary>A module of a model.</summary>
/// <param name="Name">Its name in the module around it; empty for the outermost.</param>
/// <param name="Type">What it is, with its constants, as PyTorch prints it.</param>
/// <param name="Parameters">Number of parameters, those of the modules inside included, and of all of the like it stands for.</param>
/// <param name="Shape">Its matrix's shape as stored, or what else to say of it in a word.</param>
/// <param name="Children">The modules inside; null where it can have none.</param>
internal sealed record ModelNode(string Name, string Type, long Parameters, string Shape = "", IReadOnlyList<ModelNode>? Children = null)
{
    /// <summary>The tree as PyTorch prints it, a module a line.</summary>
    public IEnumerable<string> Lines(int depth = 0)
    {
        var indent = new string(' ', 2 * depth);
        var label = Name.Length > 0 ? $"({Name}): {Type}" : Type;
        if (Children is null) return [indent + label];
        return [$"{indent}{label}(", .. Children.SelectMany(child => child.Lines(depth + 1)), $"{indent})"];
    }
}
