using PatchKernel.Charts;
using PatchKernel.Models;

namespace PatchKernel;

/// <summary>A head's attention pattern: how much each token looks at each token before it.</summary>
public sealed class AttentionHeatmap : ResultChart
{
    private AttentionHeatmap(ChartContent content, float[] weights) : base(content) => Weights = weights;

    /// <summary>The weights, flat, [query_pos, key_pos]; each row sums to 1.</summary>
    public IReadOnlyList<float> Weights { get; }

    /// <summary>Draws one head of a run.</summary>
    /// <param name="run">A run that kept <see cref="Activation.Pattern"/>.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The query head.</param>
    /// <param name="options">How it looks.</param>
    /// <exception cref="PatchKernelException">The run kept no pattern, or has no such layer or head.</exception>
    public static AttentionHeatmap Draw(CachedRun run, int layer, int head, ChartOptions? options = null)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var pattern = run[Activation.Pattern, layer];
        if (head < 0 || head >= pattern.shape[1])
            throw new PatchKernelException($"There is no head {head}; this model's heads run from 0 to {pattern.shape[1] - 1}.");
        var weights = pattern[0, head].ToFloats();
        var (prompt, length) = (run.Prompt, run.Prompt.Length);
        var panel = new GridPanel(
            CategoryAxis.Tokens("Key: the token that is looked at", prompt) with { IsUpright = true },
            CategoryAxis.Tokens("Query: the token that looks", prompt),
            (query, key) => weights[query * length + key],
            new ColourKey("Attention Weight", ColourScale.Purples, new(0, 1)),
            new Hover(
                "query %{customdata[0]}<br>key %{customdata[1]}<br>weight %{z:.4f}<extra></extra>",
                (query, key) => [Place(query), Place(key)]));
        string[] caption =
        [
            $"{run.ModelName} · {prompt}",
            "Weights after the softmax; each row sums to 1, and no token looks at a later one",
            HeatmapCaption.DataRange(weights, panel.Colours.Range),
        ];
        return new(new(options, $"Attention Pattern of Layer {layer}, Head {head}", caption, panel), weights);

        string Place(int pos) => $"{prompt.Label(pos)}, position {pos}";
    }
}
