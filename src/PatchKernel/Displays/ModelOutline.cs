using PatchKernel.Models;
using PatchKernel.Text;

namespace PatchKernel.Displays;

/// <summary>A model as a tree to unfold.</summary>
internal static class ModelOutline
{
    // Deeper modules are folded: a layer's inside is one click away.
    private const int OpenDepth = 3;

    /// <summary>A tree.</summary>
    public static string Of(ModelTree tree) => Module(tree.Root, 0);

    private static string Module(ModelNode node, int depth)
    {
        var name = node.Name.Length > 0 ? $"<b>{Html.Text(node.Name)}</b> " : "";
        string[] sizes = [node.Shape, node.Parameters > 0 ? $"{Html.Number(node.Parameters, "N0")} parameters" : ""];
        var size = string.Join(" · ", sizes.Where(text => text.Length > 0));
        var line = $"{name}<code>{Html.Text(node.Type)}</code> <span style=\"{Html.Quiet}\">{Html.Text(size)}</span>";
        if (node.Children is not { } children) return Html.Line(line, "margin-left:15px");
        var inside = string.Concat(children.Select(child => Module(child, depth + 1)));
        return $"<details{(depth < OpenDepth ? " open" : "")}><summary style=\"display:list-item\">{line}</summary><div style=\"margin-left:18px\">{inside}</div></details>";
    }
}
