using System.Globalization;

namespace PatchKernel.Models;

/// <summary>Makes a model's modules, as PyTorch prints them, with their parameters.</summary>
/// <param name="config">The model's shape and parts.</param>
internal sealed class TreeNodes(ModelConfig config)
{
    /// <summary>What the tree shows of the config beside shapes.</summary>
    public TreeConstants Constants => config.Tree;

    /// <summary>A module of others.</summary>
    public static ModelNode Group(string name, string type, IEnumerable<ModelNode> children)
    {
        ModelNode[] all = [.. children];
        return new(name, type, all.Sum(child => child.Parameters), "", all);
    }

    /// <summary>The list of all layers.</summary>
    public ModelNode Layers(string name, string type, IEnumerable<ModelNode> each)
    {
        var one = Group("", type, each);
        var (indices, times) = config.NLayers == 1 ? ("0", "") : ($"0-{config.NLayers - 1}", $"{config.NLayers} x ");
        return Group(name, "ModuleList",
            [one with { Name = indices, Type = times + type, Parameters = one.Parameters * config.NLayers, Shape = FormattableString.Invariant($"{one.Parameters:N0} each") }]);
    }

    /// <summary>The token embedding.</summary>
    public ModelNode Embedding(string name, string type = "Embedding")
    {
        var padding = config.Tree.PaddingIndex is { } index ? $", padding_idx={index}" : "";
        return Table(name, Slot.Embedding, $"{type}({config.DVocab}, {config.DModel}{padding})");
    }

    /// <summary>The table of positions.</summary>
    public ModelNode Positions(string name) => Table(name, Slot.Positions, $"Embedding({config.MaxPositions}, {config.DModel})");

    /// <summary>The unembedding.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="embedding">The embedding's, which it may be tied to.</param>
    public ModelNode Head(string name, string embedding)
    {
        var head = Linear(name, Slot.Head);
        return config.TiedEmbeddings ? head with { Parameters = 0, Shape = $"{head.Shape}, tied to {embedding}" } : head;
    }

    /// <summary>A matrix, perhaps of several slots.</summary>
    public ModelNode Linear(string name, params IReadOnlyList<Slot> slots)
    {
        var (rows, columns, bias) = Matrix(slots);
        return new(name, $"Linear(in_features={columns}, out_features={rows}, bias={(bias ? "True" : "False")})", rows * columns + (bias ? rows : 0), $"{rows} × {columns}");
    }

    /// <summary>A matrix that is stored [in, out], always with a bias.</summary>
    public ModelNode Conv1D(string name, params IReadOnlyList<Slot> slots)
    {
        var (rows, columns, bias) = Matrix(slots);
        return new(name, $"Conv1D(nf={rows}, nx={columns})", rows * columns + (bias ? rows : 0), $"{columns} × {rows}");
    }

    /// <summary>A norm of a family's own class.</summary>
    public ModelNode RmsNorm(string name, string type, Slot slot) => Norm(name, slot, width => $"{type}(({width},), eps={Number(config.NormEpsilon)})");

    /// <summary>PyTorch's layer norm.</summary>
    public ModelNode LayerNorm(string name, Slot slot) =>
        Norm(name, slot, width => $"LayerNorm(({width},), eps={Number(config.NormEpsilon)}, elementwise_affine=True, bias=True)");

    /// <summary>What the MLP does to each number.</summary>
    public ModelNode Nonlinearity(string name) => Constant(name, config.Parts.Nonlinearity.Module);

    /// <summary>A dropout, which changes nothing but training.</summary>
    public static ModelNode Dropout(string name, double share) => Constant(name, $"Dropout(p={Number(share)}, inplace=False)");

    /// <summary>A module without parameters.</summary>
    public static ModelNode Constant(string name, string type) => new(name, type, 0);

    private ModelNode Norm(string name, Slot slot, Func<long, string> type)
    {
        var width = config.ShapeOf(slot)[0];
        return new(name, type(width), config.HasBias(slot) ? 2 * width : width, $"{width}");
    }

    private ModelNode Table(string name, Slot slot, string type)
    {
        var shape = config.ShapeOf(slot);
        return new(name, type, shape[0] * shape[1], string.Join(" × ", shape));
    }

    private (long Rows, long Columns, bool Bias) Matrix(IReadOnlyList<Slot> slots) =>
        (slots.Sum(slot => config.ShapeOf(slot)[0]), config.ShapeOf(slots[0])[1], slots.Any(config.HasBias));

    /// <summary>As Python writes it: 1e-05, 0.0.</summary>
    private static string Number(double value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture).ToLowerInvariant();
        return text.AsSpan().ContainsAny('.', 'e') ? text : $"{text}.0";
    }
}

/// <summary>What the module tree shows of a config beside shapes; it changes no number.</summary>
/// <param name="PaddingIndex">The padding token; null for none.</param>
/// <param name="EmbeddingDropout">Share of the embeddings that training drops.</param>
/// <param name="AttentionDropout">Of attention weights.</param>
/// <param name="ResidualDropout">Of what is added to the stream.</param>
internal readonly record struct TreeConstants(int? PaddingIndex, double EmbeddingDropout, double AttentionDropout, double ResidualDropout);
